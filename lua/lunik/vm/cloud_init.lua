-- SPDX-License-Identifier: MIT
-- The guest's cloud-init: waits until it is done, and reads what it has come to. What it says is
-- the guest's word, and may be anything.
local core = require "lunik.core"
local shape = require "lunik.vm.guest.shape"

local cloud_init = {}

local ERRORS = 5           -- that are shown

-- Prints its status, then its result, or how far it has come: 127 where there is none. Until 23.4
-- it is waited for no longer once something has failed, and the result is written at the end.
local WAIT = [[
command -v cloud-init >/dev/null || exit 127
cloud-init status --wait --long
echo --
cat /run/cloud-init/result.json 2>/dev/null || cat /run/cloud-init/status.json 2>/dev/null
exit 0
]]

-- In the order in which they run.
local STAGES = { "init-local", "init", "modules-config", "modules-final" }

local function add(out, object)
  local list = type(object) == "table" and object.errors
  for i = 1, type(list) == "table" and #list or 0 do
    if #out < ERRORS then out[#out + 1] = shape.shown(tostring(list[i])) end
  end
end

-- The errors of a result, or of the stages so far.
local function errors_of(text)
  local object = core.json.decode(text, { values = 4096 })
  local v1, out = type(object) == "table" and object.v1, {}
  if type(v1) ~= "table" then return out end
  add(out, v1)
  for _, stage in ipairs(STAGES) do add(out, v1[stage]) end
  return out
end

-- What such a printout says: true | nil, why
function cloud_init.judge(status, text)
  if status == 127 then return nil, "cloud-init: the guest has none" end
  local said, result = text:match "^(.-)%-%-\n(.*)$"
  local word = (said or text):match "status: (%l[%l ]*)"
  local errors = errors_of(result or "")
  if word == "done" and #errors == 0 then return true end
  if word == "disabled" then
    return nil, "cloud-init: it is disabled in the guest: it has found no seed"
  elseif #errors > 0 then
    return nil, "cloud-init: " .. table.concat(errors, "; ")
  end
  return nil, "cloud-init: " .. shape.shown(word and "its status is '" .. word .. "'"
    or "it says nothing of its status")
end

-- Waits until it is done: true | nil, why, code
function cloud_init.wait(vm, seconds)
  local done, why, code = vm.guest:run_script(WAIT, {}, seconds)
  if not done then return nil, "cloud-init: " .. why, code end
  return cloud_init.judge(done.status, done.out)
end

return cloud_init
