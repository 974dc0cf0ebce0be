-- SPDX-License-Identifier: MIT
-- Every grammar gives random values back: what is rendered reads as what was meant. The
-- arguments are those of the options' cases, with bytes put in place of their texts.
local core = require "lunik.core"
local flat = require "lunik.qemu.flat"
local keys = require "lunik.qemu.keys"
local qemu = require "lunik.qemu"

local seed = os.time()
local bytes = { ",", ",,", "=", ".", ":", "-", " ", "\"", "'", "\\", "\n", "{", "[", "é",
  "\xff", "a",
  "on", "0" }
local free = { text = true, path = true }

local function random_text()
  local parts = { "x" }
  for i = 2, math.random(2, 8) do parts[i] = bytes[math.random(#bytes)] end
  return table.concat(parts)
end

-- A copy of a case's arguments whose free texts are random.
local function scrambled(row, args)
  local out, form = {}, keys.form(row, args)
  for key, value in pairs(args) do
    local found = type(key) == "string" and keys.find(row, form, keys.spelling(row, form, key))
    local kind = found and found.kind or key == 1 and row.kind
    out[key] = type(value) == "string" and kind and free[kind.name] and random_text() or value
  end
  return out
end

local function fine(row, args)
  local ok = true
  qemu.check(row[1], args, function() ok = false end)
  return ok
end

-- What QEMU gets, or nil for what cannot be said.
local function rendered(row, args)
  local entry = qemu.entry(row[1], args)
  if not entry then return nil end
  return entry.verbatim or (core.argv.render { entry } or {})[2]
end

local function text_of(value)
  if type(value) == "boolean" then return value and "on" or "off" end
  return tostring(value)
end

-- The values with their keys as text, so that 1 and "1", true and "on" are the same, and the
-- first value with its key or without.
local function values(row, args)
  local out = {}
  for _, pair in ipairs(flat.pairs(row, args)) do
    local name = keys.spelling(row, keys.form(row, args), pair[1])
    out[#out + 1] = name .. "\0" .. text_of(pair[2])
  end
  if args[1] ~= nil and row.grammar ~= "cpu" then
    out[#out + 1] = row.implied .. "\0" .. text_of(args[1])
  end
  table.sort(out)
  return out
end

describe("grammar", function()
  local by_grammar = {}
  for _, row in ipairs(qemu.list()) do
    by_grammar[row.grammar] = by_grammar[row.grammar] or {}
    table.insert(by_grammar[row.grammar], row)
  end

  local compared = { opts = true, keyval = true, cpu = true }

  for grammar, rows in pairs(by_grammar) do
    it(grammar .. " gives values back", function()
      math.randomseed(seed)
      local tried = 0
      for _, row in ipairs(rows) do
        for _, case in ipairs(assert(loadfile("spec/options/" .. row[1] .. ".lua"))()) do
          for _ = 1, 5 do
            local args = scrambled(row, case[1])
            local text = fine(row, args) and rendered(row, args)
            if text then
              local back = assert(qemu.read(row[1], text))
              local about = ("seed %d: -%s %s"):format(seed, row[1], text)
              assert.equal(text, rendered(row, back), about)
              if compared[grammar] then assert.same(values(row, args), values(row, back), about) end
              tried = tried + 1
            end
          end
        end
      end
      assert.is_true(tried > 0 or grammar == "flag")
    end)
  end
end)
