-- SPDX-License-Identifier: MIT
-- Reads what lies in files of lunik's own as if anybody had written it: of a value only what has
-- the form that is expected is taken. What has not is left out, and named.
local core = require "lunik.core"
local portable = require "lunik.store.portable"
local printable = require "lunik.text.printable"

local shape = {}

-- A form is a function (value, at, wrong): what is taken of it | nil. `wrong` is a list of places.
function shape.bad(at, wrong)
  wrong[#wrong + 1] = at
end

local function typed(kind)
  return function(value, at, wrong)
    if type(value) == kind then return value end
    shape.bad(at, wrong)
  end
end

shape.boolean = typed "boolean"

function shape.integer(value, at, wrong)
  if math.type(value) == "integer" then return value end
  shape.bad(at, wrong)
end

-- A text that may have been carried as base64, and has no NUL.
function shape.text(value, at, wrong)
  local text = portable.bytes(value)
  if type(text) == "string" and not text:find("\0", 1, true) then return text end
  shape.bad(at, wrong)
end

-- A text that somebody is shown: as it is written, it is fit for a terminal and for JSON.
function shape.shown(value, at, wrong)
  local text = shape.text(value, at, wrong)
  return text and printable(text)
end

-- The random name by which processes of a machine are known.
function shape.id(value, at, wrong)
  if type(value) == "string" and value:find "^%w+$" then return value end
  shape.bad(at, wrong)
end

function shape.pid(value, at, wrong)
  if math.type(value) == "integer" and value > 0 and value <= 0x7fffffff then return value end
  shape.bad(at, wrong)
end

-- Anything JSON can hold, with its texts as bytes.
function shape.plain(value) return portable.decode(value) end

function shape.scalar(value, at, wrong)
  if type(value) ~= "table" then return value end
  shape.bad(at, wrong)
end

function shape.list(form)
  return function(value, at, wrong)
    if type(value) ~= "table" then return shape.bad(at, wrong) end
    local out = core.json.array {}
    for i = 1, #value do out[#out + 1] = form(value[i], ("%s[%d]"):format(at, i), wrong) end
    return out
  end
end

-- An object whose names are anybody's.
function shape.map(form)
  return function(value, at, wrong)
    if type(value) ~= "table" then return shape.bad(at, wrong) end
    local out = {}
    for name, each in pairs(value) do
      if type(name) == "string" then out[name] = form(each, at .. "." .. name, wrong) end
    end
    return out
  end
end

-- An object: `needed` and `other` are forms by name. One without all that is needed is none.
function shape.object(needed, other)
  return function(value, at, wrong)
    if type(value) ~= "table" then return shape.bad(at, wrong) end
    local out = {}
    for name, form in pairs(other) do
      if value[name] ~= nil then out[name] = form(value[name], at .. "." .. name, wrong) end
    end
    for name, form in pairs(needed) do
      out[name] = form(value[name], at .. "." .. name, wrong)
      if out[name] == nil then return nil end
    end
    return out
  end
end

-- What of a table fits the forms, and the first place where it does not | nil.
function shape.read(forms, value)
  local wrong = {}
  local out = shape.object({}, forms)(value, "", wrong)
  table.sort(wrong)
  return out, wrong[1] and wrong[1]:gsub("^%.", "") or nil
end

return shape
