-- SPDX-License-Identifier: MIT
-- Whether two texts behind an option are the same to QEMU, told by the pairs they consist
-- of and not by the rows that read and wrote them: so what a row loses is found.
local core = require "lunik.core"
local keys = require "lunik.qemu.keys"
local qemu = require "lunik.qemu"

local same = {}

-- Each word for a switch as the one that lunik writes.
local truth = {}
for word, value in pairs(require "lunik.qemu.truth") do truth[word] = value and "on" or "off" end

local function is_switch(row, form, key)
  local found = keys.find(row, form, key)
  return found and (found.kind.name == "on_off" or found.kind.name == "on_off_or")
end

-- A JSON value under dotted keys, as key=value would have it.
local function spread(out, key, value, numbered)
  if type(value) ~= "table" then
    out[#out + 1] = { key, value == true and "on" or value == false and "off" or tostring(value) }
  elseif next(value) == nil then
    out[#out + 1] = { key, "{}" }
  elseif core.json.is_array(value) then
    for i, each in ipairs(value) do
      spread(out, numbered and ("%s.%d"):format(key, i - 1) or key, each, numbered)
    end
  else
    for name, each in pairs(value) do spread(out, key .. "." .. name, each, numbered) end
  end
end

local function from_json(row, text)
  local object, out = core.json.decode(text), {}
  if type(object) ~= "table" then return nil end
  local numbered = row.grammar == "keyval" or row.nested
  for key, value in pairs(object) do spread(out, key, value, numbered) end
  return out
end

local function from_text(row, text)
  local list = core.argv.parse(text, row.implied)
  for _, pair in ipairs(list) do
    -- util/keyval.c knows no bare words: QEMU refuses them
    if pair[2] == nil and row.grammar == "keyval" and not row.bare then pair[2] = "\0" end
    if pair[2] == nil and pair[1]:find "^no." then
      pair[1], pair[2] = pair[1]:sub(3), "off"
    end
    pair[2] = pair[2] or "on"
    -- the same switch by two names (chardev/char-socket.c)
    if pair[1] == "nodelay" then
      pair[1], pair[2] = "delay", (truth[pair[2]] or pair[2]) == "on" and "off" or "on"
    end
  end
  return list
end

-- Every key with its value, or its values with line ends between, for comparing.
local function canonical(row, text)
  local list = row.json and text:find "^{" and from_json(row, text) or from_text(row, text)
  local out, form = {}, nil
  for _, pair in ipairs(list) do
    if pair[1] == (row.discriminator or row.implied) then form = pair[2] end
  end
  for _, pair in ipairs(list) do
    local key, value = pair[1], pair[2]
    if row.name == "machine" then key = key:gsub("_", "-") end
    local found = keys.find(row, form, key)
    if is_switch(row, form, key) then value = truth[value] or value end
    local last_wins = row.grammar == "keyval" or found and not found.repeats and key ~= "id"
    if out[key] == nil or last_wins then
      out[key] = value
    elseif key ~= "id" then
      out[key] = out[key] .. "\n" .. value
    end
  end
  return out
end

local function equal(a, b)
  if type(a) ~= "table" or type(b) ~= "table" then return a == b end
  if core.json.is_array(a) ~= core.json.is_array(b) then return false end
  for key, value in pairs(a) do
    if not equal(value, b[key]) then return false end
  end
  for key in pairs(b) do
    if a[key] == nil then return false end
  end
  return true
end

-- Whether two texts have the same words between commas, in whatever order.
local function shuffled(a, b)
  local words = {}
  for word in (a .. ","):gmatch "([^,]*)," do words[word] = (words[word] or 0) + 1 end
  for word in (b .. ","):gmatch "([^,]*)," do
    local count = words[word]
    if not count then return false end
    words[word] = count > 1 and count - 1 or nil
  end
  return next(words) == nil
end

-- The text with the implied key in front of its first value.
local function led(row, text)
  local first, rest = text:match "^([^,]*)(.*)$"
  if first:find("=", 1, true) then return text end
  return (row.implied or "") .. "=" .. first .. rest
end

-- True where the texts plainly are the same key=value words in another order, as most are. False
-- says nothing: `canonical` decides.
local function reordered(row, a, b)
  if a:find(",,", 1, true) or b:find(",,", 1, true) then return false end
  local words, seen = {}, {}
  for word in led(row, a):gmatch "[^,]+" do
    local key, value = word:match "^([^=]*)=(.*)$"
    -- "nofoo" is foo=off, and is left to `canonical`
    if not key and (row.grammar == "keyval" or word:find "^no") then return false end
    if seen[key or word] then return false end
    seen[key or word] = true
    words[value and word or word .. "=on"] = true
  end
  for word in led(row, b):gmatch "[^,]+" do
    if not words[word] then return false end
    words[word] = nil
  end
  return next(words) == nil
end

local function pairwise(row, a, b)
  if reordered(row, a, b) then return true end
  if row.json and a:find "^{" and b:find "^{" then
    return equal(core.json.decode(a), core.json.decode(b))
  end
  return equal(canonical(row, a), canonical(row, b))
end

local by_grammar = { opts = pairwise, keyval = pairwise, global = pairwise }

-- The words of -cpu in one spelling | nil where a name stands twice: then the order matters, for
-- QEMU sets properties in order, and "+" and "-" behind them all.
local function cpu_words(text)
  local list, seen = {}, {}
  for word in (text .. ","):gmatch "([^,]*)," do
    local name, value = word:match "^([^=]*)=?(.*)$"
    name = name:gsub("_", "-")
    if seen[name] then return nil end
    seen[name] = true
    list[#list + 1] = name .. "=" .. (truth[value] or (value == "" and "on" or value))
  end
  return table.concat(list, ",")
end

function by_grammar.cpu(_, a, b)
  a, b = cpu_words(a), cpu_words(b)
  return a and b and shuffled(a, b)
end

function by_grammar.chardev(row, a, b)
  return equal(qemu.read(row.name, a), qemu.read(row.name, b))
end

-- Whether two texts behind the option `row` are the same to QEMU.
function same.text(row, a, b)
  if a == b then return true end
  if not a or not b or not by_grammar[row.grammar] then return false end
  return by_grammar[row.grammar](row, a, b)
end

return same
