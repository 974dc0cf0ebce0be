-- SPDX-License-Identifier: MIT
-- What was mounted while the machine ran, for its next start: kept in the machine's state
-- directory when the recipe says hotplug { keep = true }, and changed with each mount.
local core = require "lunik.core"
local portable = require "lunik.store.portable"
local records = require "lunik.store.records"

local kept = {}

local function path(self) return self.vm.plan.state .. "/mounts.json" end

local function wanted(self)
  return self.vm.plan.hotplug and self.vm.plan.hotplug.keep and self.vm.plan.kept
end

-- What comes with the machine's start anyway is not kept beside it.
local function planned(self, device)
  for _, each in ipairs(self.vm.plan.devices or {}) do
    if each.label == device.label then return true end
  end
end

-- What a mount can be asked for again by, as it was read: wherever that was asked from.
function kept.fields(share, item)
  if not share then return nil end
  local out = {}
  for _, row in ipairs(item.row.known) do
    if type(item[row[1]]) ~= "table" then out[row[1]] = item[row[1]] end
  end
  return out
end

function kept.write(self)
  if not wanted(self) or self.over then return end
  local list = core.json.array {}
  for _, device in ipairs(self.devices) do
    local lasts = device.hot and device.share and device.state ~= "unplugging"
    if lasts and not planned(self, device) then
      list[#list + 1] = portable.encode(device.fields)
    end
  end
  local ok, why = records.write(path(self), core.json.encode { lunik = 1, mounts = list } .. "\n")
  if not ok then self.vm:tell("problem", "mounts are not kept: " .. why) end
end

-- Mounts again what was kept. What cannot be is told, and forgotten.
function kept.restore(self)
  local file = wanted(self) and io.open(path(self))
  if not file then return end
  local text = file:read "a"
  file:close()
  local value, why = core.json.decode(text)
  if type(value) ~= "table" then
    self.vm:tell("problem", ("%s: %s"):format(path(self), why or "no record of mounts"))
    return
  end
  for _, fields in ipairs(value.mounts or {}) do
    local device, problem = self:plug("mount", portable.decode(fields), { quiet = true })
    if not device then self.vm:tell("problem", "a kept mount: " .. problem) end
  end
end

return kept
