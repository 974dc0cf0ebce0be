-- SPDX-License-Identifier: MIT
-- QMP commands against the schema of the installed QEMU, and what hot plug cannot do.
local hotplug = require "lunik.verify.hotplug"
local schema = require "lunik.verify.schema"
local suggest = require "lunik.text.suggest"

local BEHIND = 1 << 20     -- words: commands come behind the command line

-- Arguments that are properties, which the schema does not have.
local open = { device_add = true, ["object-add"] = true, netdev_add = false }

-- Holds a command against what QEMU knows: found(field | nil, code, why).
local function judge(known, command, found)
  local name, arguments = command.execute or command["exec-oob"], command.arguments or {}
  local section = type(name) == "string" and known:section("command", name)
  if not section then
    return found(nil, "unknown-command", ("QEMU %s has no command '%s'%s"):format(known:version(),
      tostring(name), suggest.hint(tostring(name), known:names "command")))
  end
  if not open[name] then schema.object(known, section[1][1], arguments, nil, found) end
end

return function(line, report)
  for i, command in ipairs(line.qmp) do
    local whole = type(command) == "table"
    local name = whole and tostring(command.execute or command["exec-oob"]) or "command"
    local entry = { name = name, at = BEHIND + i, args = {} }
    local function found(key, code, why) report:add(entry, key, code, why) end
    if not whole then
      found(nil, "bad-value", "an object with execute expected")
    elseif type(command.arguments or {}) ~= "table" then
      found("arguments", "bad-value", "an object expected")
    else
      judge(line.known, command, found)
      hotplug(line, command, found)
    end
  end
end
