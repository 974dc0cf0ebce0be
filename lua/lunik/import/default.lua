-- SPDX-License-Identifier: MIT
-- Defaults of a script that the environment can replace, `${MEM:-2G}`: where one is all or part of
-- an option's text, and nowhere else in it, the recipe says `env "MEM" or "2G"`.
local quote = require "lunik.import.quote"

local default = {}

-- How often a text stands in another.
local function count(text, in_text)
  local times, at = 0, 1
  while true do
    local from, upto = in_text:find(text, at, true)
    if not from then return times end
    times, at = times + 1, upto + 1
  end
end

-- The defaults in an option's words, and those of them that can be told from the rest of its value.
function default.of(found, all)
  local there, clear = {}, {}
  for i, word in ipairs(found.words) do
    for _, each in ipairs(all and found.at and all[found.at + i - 1] or {}) do
      there[#there + 1] = each
      if word == found.text and count(each[2], word) == 1 then clear[#clear + 1] = each end
    end
  end
  return there, clear
end

local function said(each)
  return ("env %s or %s"):format(quote.string(each[1]), quote.string(each[2]))
end

-- Lua text for a value with one of the defaults in it, and which; nil when there is none.
function default.text(value, defaults)
  for _, each in ipairs(defaults or {}) do
    local from, upto = tostring(value):find(each[2], 1, true)
    if from and math.type(value) == "integer" and #tostring(value) == #each[2] then
      return ("tonumber(%s)"):format(said(each)), each
    elseif from and type(value) == "string" then
      local before, behind = value:sub(1, from - 1), value:sub(upto + 1)
      if before == "" and behind == "" then return said(each), each end
      local text = "(" .. said(each) .. ")"
      if before ~= "" then text = quote.string(before) .. " .. " .. text end
      if behind ~= "" then text = text .. " .. " .. quote.string(behind) end
      return text, each
    end
  end
end

-- Parts of an option (lunik.import.parts) with its defaults said, and those that were.
function default.parts(parts, defaults)
  local out, used = {}, {}
  for i, part in ipairs(parts) do
    local head, literal = "", part
    if type(part) == "string" then
      local key, rest = part:match "^([%w_]+ = )(.*)$"
      if key then head, literal = key, rest end
    end
    local value = type(literal) == "string" and load("return " .. literal, "=part", "t", {})
    local text, each
    if value then text, each = default.text(value(), defaults) end
    out[i] = text and head .. text or part
    used[#used + 1] = each
  end
  return out, used
end

return default
