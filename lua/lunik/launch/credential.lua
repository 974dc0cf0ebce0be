-- SPDX-License-Identifier: MIT
-- Makes the file of a credential, which QEMU reads at its start, for lunik's user alone.
local base64 = require "lunik.text.base64"
local host = require "lunik.host"
local records = require "lunik.store.records"
local remove = require "lunik.process.remove"
local systemd = require "lunik.device.credential.systemd"

local credential = {}

-- Its bytes, as they are now | nil, why
local function bytes_of(one)
  local bytes, why = one.text, nil
  if one.file then bytes, why = host.contents(one.file, systemd.longest) end
  if not bytes then return nil, why end
  if one.more and bytes ~= "" and not bytes:find "\n$" then bytes = bytes .. "\n" end
  return bytes .. (one.more or "")
end

-- The bytes of the one with that path, where there is room for it beside the others | nil, why
local function found(list, path)
  local sum, mine = 0, nil
  for _, one in ipairs(list) do
    local bytes, why = bytes_of(one)
    if not bytes then return nil, why end
    sum = sum + #bytes
    if one.path == path then mine = bytes end
  end
  local why = systemd.beyond(sum)
  return not why and mine or nil, why
end

-- true | nil, why
function credential.create(ctx, file)
  local bytes, why = found(ctx.plan.credentials, file.path)
  if not bytes then return nil, ("credential %s: %s"):format(file.name, why) end
  ctx.started:push("remove " .. file.path, function() return remove(file.path) end)
  return records.write(file.path, ("io.systemd.credential.binary:%s=%s"):format(file.name,
    base64.encode(bytes)))
end

return credential
