-- SPDX-License-Identifier: MIT
-- QMP commands against the schema of the installed QEMU, and what hot plug cannot do.
local hotplug = require "lunik.verify.hotplug"
local qemu = require "lunik.qemu"
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

-- Commands that bring what an option brings.
local options = { device_add = "device", ["object-add"] = "object", ["blockdev-add"] = "blockdev" }

-- Whether this host has what a command brings: files, and that they may be read.
local function look(line, command, found)
  local row, args, problems = qemu.rows[options[command.execute]], {}, {}
  for key, value in pairs(command.arguments or {}) do
    args[key == row.implied and 1 or key] = value
  end
  local entry = { row = row, args = args, place = function(key)
    return { { file = "command line", line = 1 } }, type(key) == "string" and key or nil
  end }
  require "lunik.machine.look".entries({ entry }, { host = line.host, dir = line.dir,
    arch = line.arch, program = line.path }, problems)
  for _, problem in ipairs(problems) do found(problem.path, problem.code, problem.why) end
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
      if line.host and options[name] then look(line, command, found) end
    end
  end
end
