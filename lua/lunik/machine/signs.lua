-- SPDX-License-Identifier: MIT
-- The kind of `signs`: what the recipe's own guest says on its console when it will not come up,
-- beside what all guests say (lunik.vm.console.signs, which obeys them).
local kind = require "lunik.schema.kind"
local plain = require "lunik.schema.plain"

local MOST, LONGEST = 64, 200      -- texts, and bytes of one: of a line 512 are looked at

local EXPECTED = "a text of the console, or a list of texts and of { text =, name =, prompt = }"

local members = kind.record("such as { text = \"zfs>\" }",
  { text = kind.string, name = kind.string, prompt = kind.bool })

-- What is wrong with a part of a line | nil
local function wrong(text)
  if not text:find "%S" or #text > LONGEST then
    return ("a text of 1 to %d bytes expected, got %s"):format(LONGEST, kind.show(text))
  elseif text:find "%c" then
    return ("a part of one line expected, without control characters, got %s"):format(
      kind.show(text))
  end
end

-- Canonical: { name, text, prompt } | nil, why
local function read_one(value)
  if type(value) == "string" then value = { text = value } end
  if type(value) ~= "table" then
    return nil, ("%s expected, got %s"):format(EXPECTED, kind.show(value))
  end
  local sign, why = members.read(value)
  if not sign then return nil, why end
  if not sign.text then return nil, "text: required" end
  sign.name = sign.name or "a sign of the recipe"
  for _, member in ipairs { "text", "name" } do
    why = wrong(sign[member])
    if why then return nil, member == "name" and "name: " .. why or why end
  end
  -- what is looked at begins with its first letter
  if sign.prompt then sign.text = sign.text:match "^%s*(.*)$" end
  return sign
end

-- The texts of a list, which has nothing else: true | nil, why
local function is_list(value)
  local keys, why = plain.keys(value)
  if not keys then return nil, why end
  for i, key in ipairs(keys) do
    if key ~= i then
      return nil, ("%s expected, got the member %s"):format(EXPECTED, kind.show(key))
    end
  end
  if #keys == 0 then return nil, EXPECTED .. " expected, got none" end
  if #keys > MOST then return nil, ("at most %d texts expected, got %d"):format(MOST, #keys) end
  return true
end

local function read(value)
  local is_one = type(value) ~= "table" or value[1] == nil and next(value) ~= nil
  if is_one then value = { value } end
  local ok, why = is_list(value)
  if not ok then return nil, why end
  local out = {}
  for i, each in ipairs(value) do
    out[i], why = read_one(each)
    if not out[i] then return nil, is_one and why or ("[%d]: %s"):format(i, why) end
  end
  return out
end

local function shown(value)
  local words = {}
  for i, sign in ipairs(value) do words[i] = kind.show(sign.text) end
  return ("{ %s }"):format(table.concat(words, ", "))
end

return { name = "signs", expects = EXPECTED, shown = shown, read = read }
