-- SPDX-License-Identifier: MIT
-- What QEMU says when it does not start, brought back to the option that it is about, and to the
-- line of the recipe. Options are a list of { name, text = its words as QEMU quotes them,
-- args = { key = value } }.
local sorted = require "lunik.text.sorted"

local refusal = {}

local LEAST = 3            -- letters of a value that tells an option: shorter ones are everywhere

-- The option whose text QEMU quotes, "-device x,y: …": the longest that fits.
local function quoted(options, text)
  local best, length = nil, 0
  for _, one in ipairs(options) do
    local words = one.text
    if words and #words > length and text:find(words .. ":", 1, true) then
      best, length = one, #words
    end
  end
  return best
end

-- Words of QEMU's about what it does not quote, and the option that they are about: the rows of
-- softmmu/vl.c, hw/core/machine-smp.c, target/*/cpu.c and the like.
local subjects = {
  { "CPU topology", "smp" }, { "SMP CPUs", "smp" }, { "maxcpus", "smp" },
  { "doesn't support requested feature", "cpu" }, { "CPU model", "cpu" }, { "CPUID", "cpu" },
  { "guest memory", "m" }, { "guest RAM", "m" }, { "RAM size", "m" }, { "memory size", "m" },
  { "failed to initialize kvm", "accel" }, { "KVM", "accel" }, { "machine type", "machine" },
  { "kernel header", "kernel" }, { "kernel '", "kernel" }, { "initrd", "initrd" },
  { "firmware", "bios" },
}

local function subject(options, text)
  for _, row in ipairs(subjects) do
    for _, one in ipairs(text:find(row[1], 1, true) and options or {}) do
      if one.name == row[2] then return one end
    end
  end
end

local function is_word(char) return char:find "^[%w_]" ~= nil end

-- Whether a value stands in a text, and not within a longer word.
local function stands_in(text, value)
  local from, to = text:find(value, 1, true)
  while from do
    local inside = is_word(value) and is_word(text:sub(from - 1, from - 1))
      or is_word(value:sub(-1)) and is_word(text:sub(to + 1, to + 1))
    if not inside then return true end
    from, to = text:find(value, from + 1, true)
  end
  return false
end

-- The option of which a value stands in the text: an id, a path, a name; or only a path.
local function mentioned(options, text, only)
  local best, length = nil, LEAST - 1
  for _, one in ipairs(options) do
    for _, value in pairs(one.args) do
      if type(value) == "string" and #value > length and (not only or value:find "/")
        and stands_in(text, value) then
        best, length = one, #value
      end
    end
  end
  return best
end

-- Lines that are no refusal, if others are there.
local function is_warning(line) return line:find "^[^:]*: warning: " or line:find "^  " end

local function essence(lines)
  local out = {}
  for _, line in ipairs(lines) do
    if not is_warning(line) then out[#out + 1] = line end
  end
  return out[1] and out or lines
end

local function plain(name) return (name:gsub("_", "-")) end

-- The keys in order, the first word's before all.
local function keys_of(args)
  local list = sorted(args)
  if args[1] ~= nil then table.insert(list, 1, 1) end
  return list
end

-- How QEMU names a key: quoted, alone or behind its driver ('e1000.mac'), or as its property.
local naming = { "'([^'\n]+)'", "[Pp]roperty ([%w_.-]+)", "([%w_.-]+) property",
                 "[Pp]arameter ([%w_.-]+)" }

-- Keys of what QEMU could not get, where it says only why.
local wanted = { { "Address already in use", { "port", "path", "hostfwd" } },
                 { "lock", { "filename", "file.filename", "file" } } }

-- The key of a name: the same, or what stands behind the name's last dot.
local function key_of(args, name)
  local whole, last = plain(name), plain(name:match "[^.]+$" or name)
  for _, key in ipairs(sorted(args)) do
    if plain(key) == whole or plain(key) == last then return key end
  end
end

local function named(args, text)
  for _, pattern in ipairs(naming) do
    for name in text:gmatch(pattern) do
      local key = key_of(args, name)
      if key then return key end
    end
  end
end

local function implied(args, text)
  for _, row in ipairs(wanted) do
    for _, key in ipairs(text:find(row[1], 1, true) and row[2] or {}) do
      if args[key] ~= nil then return key end
    end
  end
end

-- The key whose value stands in the text: the longest.
local function valued(args, text)
  local best, length = nil, LEAST - 1
  for _, key in ipairs(keys_of(args)) do
    local value = args[key]
    if type(value) == "string" and #value > length and stands_in(text, value) then
      best, length = key, #value
    end
  end
  return best
end

-- What QEMU has said in its lines: the option that it is about | nil, the words without its own
-- name and the option's text, and the option's key that they are about | nil.
function refusal.of(options, lines)
  local list = essence(lines)
  local text = table.concat(list, "; ")
  local one = quoted(options, text) or mentioned(options, text, "paths")
    or subject(options, text) or mentioned(options, text)
  local words = one and one.text
  local from, to = text:find((words or "\0") .. ": ", 1, true)
  local said = from and text:sub(to + 1) or text:gsub("^qemu[%w_-]*: ", "")
  if not one then return nil, said end
  local args = one.args
  return one, said, named(args, said) or implied(args, said) or valued(args, said)
end

return refusal
