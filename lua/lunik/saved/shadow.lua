-- SPDX-License-Identifier: MIT
-- What is kept of a recipe in a saved machine: how it read (an outline), without its secrets. There
-- is nothing in it to run or to start from: command line and hooks come from the recipe as it lies
-- on this host. It is there so that what has changed since can be named.
--
-- Values of variables of the environment are out of it, their names stay; so are fields and keys
-- whose rows say `secret`, and of options that may hold one there is a sum only. The same is taken
-- out of the recipe as it reads now, before both are held against each other.
local change_shown = require "lunik.change.shown"
local core = require "lunik.core"
local qemu = require "lunik.qemu"
local secrets = require "lunik.recipe.secrets"

local shadow = {}

local DEEPEST = 8          -- tables of a row

-- Whether a row of an option has a key that is a secret.
local function has_secret(row, depth)
  if type(row) ~= "table" or depth > DEEPEST then return false end
  if row.secret == true then return true end
  for _, each in next, row do
    if type(each) == "table" and has_secret(each, depth + 1) then return true end
  end
  return false
end

local may_hold = setmetatable({}, { __index = function(known, name)
  local row = qemu.rows[name]
  known[name] = not row or has_secret(row, 0)
  return known[name]
end })

-- The fields of an item that are secrets.
local function hidden(item, values)
  local out = {}
  for field, value in pairs(values or {}) do
    local row = change_shown.row(item, field)
    out[field] = row and row.secret and true or value
  end
  return values and out
end

local function without(item)
  local option = item.family:match "^qemu%.(.*)$" or item.family == "raw" and "raw"
  local text = item.text
  if option and may_hold[option] and text then text = "sum " .. core.copy.sha256(text) end
  return setmetatable({ fields = hidden(item, item.fields), given = hidden(item, item.given),
                        text = text }, { __index = item })
end

local function copied(item)
  local bare, out = without(item), {}
  for name in pairs(item) do out[name] = bare[name] end
  return out
end

-- Of an outline (lunik.change.outline) and of what the recipe read (raw.inputs): the outline
-- without secrets.
function shadow.outline(outline, inputs)
  local known, out = secrets.new(), {}
  known:environment(inputs.env)
  for _, text in pairs(inputs.files or {}) do known:source(text) end
  for name, value in pairs(outline) do out[name] = value end
  out.items = {}
  for i, item in ipairs(outline.items) do out.items[i] = copied(item) end
  return known:masked(out)
end

-- What machine.json has of it. `file`: the recipe's; set: what --set said.
function shadow.of(outline, inputs, file, set)
  local sums = {}
  for path, text in pairs(inputs.files or {}) do sums[path] = core.copy.sha256(text) end
  local known = secrets.new()
  known:environment(inputs.env)
  return { file = file, outline = shadow.outline(outline, inputs), sums = sums,
           set = known:masked(set or {}) }
end

-- What --set said, with the variables of this environment in their places.
function shadow.settings(set)
  local out = {}
  for name, text in pairs(set or {}) do
    out[name] = text:gsub("%[env ([%w_]+)%]", os.getenv)
  end
  return out
end

return shadow
