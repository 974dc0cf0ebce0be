-- SPDX-License-Identifier: MIT
-- From a command line to arguments: the inverse of qemu.write, for text that people and
-- other programs have written: two dashes, trailing commas, bare words, JSON.
local core = require "lunik.core"
local flat = require "lunik.qemu.flat"
local keys = require "lunik.qemu.keys"
local truth = require "lunik.qemu.truth"

local read = {}

local switch = { on = true, off = false }

local function integer(text)
  local whole = text:find "^%-?[1-9]%d*$" and math.tointeger(tonumber(text)) or text == "0" and 0
  return whole and tostring(whole) == text and whole or nil
end

-- Text as the value it stands for: what is written back is the same to QEMU.
local function typed(found, text)
  local name = found and found.kind.name
  local words = name == "on_off" and truth or (name == "on_off_or" or not found) and switch
  if words and words[text] ~= nil then return words[text] end
  if not found or name == "int" or name == "power_of_two" or name == "range" then
    return integer(text) or text
  end
  return text
end

-- A bare word is a boolean: "server", or "nowait" for wait=off (util/qemu-option.c).
local function bare(row, form, word)
  local negated = word:match "^no(.+)$"
  if negated and not keys.find(row, form, word) and (keys.find(row, form, negated) or row.open) then
    return negated, false
  end
  return word, true
end

local function set(args, key, value)
  local before = args[key]
  if before == nil then args[key] = value
  elseif type(before) == "table" then before[#before + 1] = value
  else args[key] = { before, value } end
end

-- key=value pairs into args. Dotted keys of the keyval grammar become tables.
local function take_pairs(row, pairs_list, args)
  for i, pair in ipairs(pairs_list) do
    local key, value = pair[1], pair[2]
    if i == 1 and key == row.implied and pair.first then
      args[1] = value
    else
      local truly
      local form = keys.form(row, args)
      if value == nil then key, truly = bare(row, form, key) end
      if value ~= nil then truly = typed(keys.find(row, form, key), value) end
      if key == "" then return nil, "a key without a name" end
      if row.grammar == "keyval" and key:find(".", 1, true) then
        if not flat.set(args, key, truly) then
          return nil, ("'%s' is both a value and a group"):format(key)
        end
      else
        set(args, key, truly)
      end
    end
  end
  return args
end

local function opts(row, text)
  local list = core.argv.parse(text, row.implied)
  local first = list[1]
  -- a leading "word" without "=" is the implied first value
  if first and first[1] == row.implied and text:sub(1, #first[1] + 1) ~= first[1] .. "=" then
    first.first = true
  end
  return take_pairs(row, list, {})
end

local function from_json(row, text)
  local object, why = core.json.decode(text)
  if type(object) ~= "table" then return nil, why or "a JSON object expected" end
  local args = {}
  for key, value in pairs(object) do args[key == row.implied and 1 or key] = value end
  return args
end

local readers = {}

function readers.flag() return {} end

function readers.text(_, text) return { text } end

readers.words, readers.geometry, readers.set = readers.text, readers.text, readers.text

function readers.opts(row, text)
  if row.json and text:find "^{" then return from_json(row, text) end
  return opts(row, text)
end

readers.keyval = readers.opts

function readers.cpu(row, text)
  local args, words, rest = {}, {}, {}
  for _, pair in ipairs(core.argv.parse(text, row.implied or "model")) do
    if pair[2] == nil then words[#words + 1] = pair[1] else rest[#rest + 1] = pair end
  end
  local first = table.remove(rest, 1)
  if not first then return nil, "no model" end
  args[1] = first[2]
  local ok, why = take_pairs(row, rest, args)
  if not ok then return nil, why end
  table.move(words, 1, #words, 2, args)
  return args
end

function readers.global(row, text)
  if text:find "^[%w_.-]+%.[%w_.-]+=" then return { text } end
  return opts(row, text)
end

-- The arguments that `text` stands for | nil, why.
function read.value(row, text)
  local reader = readers[row.grammar]
  if reader then return reader(row, text) end
  return require("lunik.qemu.grammar." .. row.grammar).parse(text)
end

return read
