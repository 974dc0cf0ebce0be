-- SPDX-License-Identifier: MIT
-- Importing a batch: command lines of 17 options (the mean of those that other projects test
-- with) out of the scripts in spec/import, a third of them with a number that is new, over the
-- floor: the same lines decoded from JSON and encoded again.
local core = require "lunik.core"
local import = require "lunik.import"
local measure = require "measure"
local shell = require "lunik.import.shell"
local words = require "lunik.import.words"

local count, length = 1000, 17
local host, dir = require "lunik.host", require "posix.unistd".getcwd()

-- The options of the scripts that spec/import has, as they are met.
local function forms()
  local found = {}
  for _, name in ipairs { "plain", "arrays", "daemon", "kernel", "server" } do
    local file <close> = assert(io.open("spec/import/" .. name .. ".sh"))
    local argv = assert(shell.command(file:read "a", host))
    for _, each in ipairs(words.split(argv)) do
      if each.row and not (each.text or ""):find "%z" then found[#found + 1] = each.words end
    end
  end
  return found
end

-- A text as on another day: its last number is another.
local function renumbered(text)
  return text and text:gsub("%d+(%D*)$", function(rest) return math.random(1, 4096) .. rest end)
end

local function line(all)
  local argv = { "qemu-system-x86_64" }
  for _ = 1, length do
    local form = all[math.random(#all)]
    argv[#argv + 1] = form[1]
    argv[#argv + 1] = math.random(3) == 1 and renumbered(form[2]) or form[2]
  end
  return core.json.encode { id = 1, argv = argv }
end

math.randomseed(17)
local all, lines = forms(), {}
for i = 1, count do lines[i] = line(all) end

local function copy()
  for _, text in ipairs(lines) do core.json.encode(core.json.decode(text)) end
end

local raw, options = 0, 0

local function convert()
  local programs = {}
  raw, options = 0, 0
  import.forget()
  for _, text in ipairs(lines) do
    local made = assert(import.argv(core.json.decode(text).argv,
      { host = host, dir = dir, programs = programs }))
    core.json.encode(made)
    raw, options = raw + made.counts.raw, options + made.counts.raw + made.counts.qemu
      + made.counts.family
  end
end

collectgarbage "generational"
local floor, figure = measure.pairs(5, copy, convert)
measure.print("import: " .. count .. " command lines", "ms", floor, figure)
print(("import: %d command lines a second; %.1f %% of the options typed"):format(count // figure,
  100 - 100 * raw / options))
