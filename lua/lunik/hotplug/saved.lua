-- SPDX-License-Identifier: MIT
-- What was mounted while the machine ran, for its next start: kept in the machine's state
-- directory when the recipe says hotplug { keep = true }, and changed with each mount.
local core = require "lunik.core"
local life = require "lunik.hotplug.life"
local portable = require "lunik.store.portable"
local records = require "lunik.store.records"
local shape = require "lunik.store.shape"
local stat = require "posix.sys.stat"

local saved = {}

local FORMS = { mounts = shape.list(shape.map(shape.plain)) }

local function path(context) return context.plan.state .. "/mounts.json" end

local function wanted(context)
  return context.plan.hotplug and context.plan.hotplug.keep
end

-- Whether a mount comes with the machine's start anyway, and need not be kept beside it.
local function planned(context, device)
  for _, each in ipairs(context.plan.devices or {}) do
    if each.label == device.label then return true end
  end
end

-- Gives the fields that a mount can be asked for again by, from anywhere.
function saved.fields(share, item)
  if not share then return nil end
  local out = {}
  for _, row in ipairs(item.row.known) do
    if type(item[row.name]) ~= "table" then out[row.name] = item[row.name] end
  end
  return out
end

-- Writes them down. One that cannot be kept is told.
function saved.write(context)
  if not wanted(context) then return end
  local list = core.json.array {}
  for _, device in ipairs(context.devices) do
    local lasts = device.hot and device.share and life.states[device.state].kept
                  and not device.lent
    if lasts and not planned(context, device) then
      list[#list + 1] = portable.encode(device.fields)
    end
  end
  local ok, why = records.write(path(context),
                                core.json.encode { lunik = 1, mounts = list } .. "\n")
  if not ok then context.tell("problem", "mounts are not kept: " .. why) end
end

-- The fields of the mounts that were kept, a list.
function saved.read(context)
  if not wanted(context) or not stat.stat(path(context)) then return {} end
  local value, why = records.object(path(context))
  if not value then
    context.tell("problem", why)
    return {}
  end
  local found, wrong = shape.read(FORMS, value)
  if wrong then context.tell("problem", ("%s: %s is no mount"):format(path(context), wrong)) end
  return found.mounts or {}
end

return saved
