-- SPDX-License-Identifier: MIT
-- A QEMU command line → recipe text whose machine has the same command line. What is
-- printed is read back and rendered before it is handed out: an item that does not pass the
-- checks, or does not come out as it was, becomes raw, with the reason beside it.
local attempt = require "lunik.import.attempt"
local console = require "lunik.import.console"
local firmware = require "lunik.import.firmware"
local option = require "lunik.import.option"
local pflash = require "lunik.import.pflash"
local order = require "lunik.import.order"
local program = require "lunik.import.program"
local recipe = require "lunik.import.recipe"
local render = require "lunik.import.render"
local words = require "lunik.import.words"

local import = {}

local function items_of(list, options)
  local arch = list.program and program.arch(list.program)
  local items, x86 = {}, not arch or arch == "x86_64" or arch == "i386"
  for i, found in ipairs(list) do
    items[i] = option.item(found, options.shown, x86)
    option.replaceable(items[i], options.defaults)
    items[i].number = i
  end
  return order.arrange(items)
end

-- Adds the machine's lacks to the notes of their items: ids that nobody defines, options that stand
-- twice. QEMU would say so too.
local function add_lacks(state)
  for _, lack in ipairs(state.lacks or {}) do
    local item = lack.about == "line" and lack.at and state.left[lack.at[1].line]
    if item and not item.raw then
      local why = lack.why:gsub("; it stands at import:%d+$", "")
      item.notes = { why, table.unpack(item.notes) }
    end
  end
end

local function summary(state, about, argv, flash)
  add_lacks(state)
  local counts, notes = { family = state.family, qemu = 0, raw = 0 }, {}
  for _, line in ipairs(recipe.head(about)) do notes[#notes + 1] = line end
  for _, item in ipairs(about.items) do
    local kind = item.left_out and "out" or item.raw and "raw" or item.console and "family"
      or "qemu"
    counts[kind] = (counts[kind] or 0) + 1
    for _, note in ipairs(item.notes or {}) do
      notes[#notes + 1] = ("%s: %s"):format(item.words[1], note)
    end
    if item.raw then
      notes[#notes + 1] = ("%s: %s"):format(item.left_out or item.words[1], item.raw)
    end
  end
  counts.out = nil
  return { recipe = recipe.text(about), argv = argv, counts = counts, notes = notes,
           flash = flash }
end

-- Takes a pair of flash out of the items: what the field `firmware` is to say of it | nil
local function with_flash(state)
  local name = state.list.program
  local value, left = firmware.take(state.items, state.host, name and program.arch(name))
  if value then state.items = left end
  return value
end

-- The same options, where the field `firmware` does not go with the rest.
local function with_drives(options)
  local out = { drives = true }
  for name, value in pairs(options) do out[name] = value end
  return out
end

-- The recipe of a command line whose pair of flash is said by -blockdev | nil: the field `firmware`
-- does not say it.
local function with_nodes(argv, options)
  local other = options.console and not options.drives and pflash.as_drives(argv)
  local made = other and import.argv(other, options)
  return made and made.flash and made or nil
end

-- argv, program first or not at all -> { recipe = text, argv = what it renders to, counts =
-- options that became fields, qemu.* and raw, notes, flash = what the field `firmware` says of a
-- pair of flash }, or nil and why.
-- options: host, dir = folder of the recipe, head = comments on top, programs = a table for
-- a batch to remember in, shown = how a word is printed that holds NUL bytes, defaults = which of
-- the words the environment could replace (lunik.import.shell), console = a serial port on the
-- terminal becomes lunik's console, and a pair of flash the machine's firmware
function import.argv(argv, options)
  for _, word in ipairs(argv) do
    if type(word) ~= "string" then return nil, "argv: texts expected" end
    if not options.shown and word:find("\0", 1, true) then return nil, "argv: a NUL byte" end
  end
  local nodes = with_nodes(argv, options)
  if nodes then return nodes end
  local list, head = words.split(argv), options.head or {}
  local state = { list = list, host = options.host, dir = options.dir, refused = {},
    head = table.move(head, 1, #head, 1, {}) }
  program.begin(state, options)
  state.items, state.json = items_of(list, options)
  local has_console = options.console and console.put(state.items, list)
  local flash = options.console and not options.drives and with_flash(state)
  local about, out = attempt.run(state)
  if about and flash then table.insert(about.fields, { "firmware", flash }) end
  if about and (has_console or flash) then
    local whole = render.argv(recipe.text(about), state.host, state.dir, true)
    if flash and not whole then return import.argv(argv, with_drives(options)) end
    out = whole or out
  end
  if about then return summary(state, about, out, flash) end
  return nil, out and out[1] and out[1].why or "no recipe says it"
end

-- Drops what is remembered of options that were read before.
import.forget = option.forget

return import
