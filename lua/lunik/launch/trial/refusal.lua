-- SPDX-License-Identifier: MIT
-- What QEMU says of a trial, brought back to the line of the recipe that it is about.
local data = require "lunik.plan.data"

local refusal = {}

local LEAST = 3            -- letters of a value that tells an option: shorter ones are everywhere

-- The words of an entry as QEMU shows them.
local function shown(entry)
  local words = entry and data.command({ binary = "qemu", argv = { entry } }, "paste")
  return words and table.concat(words, " ", 2)
end

-- The option whose text QEMU quotes, "-device x,y: …": the longest that fits.
local function quoted(trial, text)
  local best, length = nil, 0
  for _, one in ipairs(trial.said) do
    local words = shown(one.entry)
    if words and #words > length and text:find(words .. ":", 1, true) then
      best, length = one, #words
    end
  end
  return best, length
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

local function subject(trial, text)
  for _, row in ipairs(subjects) do
    for _, one in ipairs(text:find(row[1], 1, true) and trial.said or {}) do
      if one.name == row[2] then return one end
    end
  end
end

local function stands_in(text, value)
  return text:find("%f[%w_]" .. value:gsub("%W", "%%%0") .. "%f[^%w_]") ~= nil
end

-- The option of which a value stands in the text: an id, a path, a name.
local function mentioned(trial, text)
  local best, length = nil, LEAST - 1
  for _, one in ipairs(trial.said) do
    for _, value in pairs(one.args) do
      if type(value) == "string" and #value > length and stands_in(text, value) then
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

-- What QEMU has said: the entry that it is about | nil, and the words without its own name and the
-- option's text.
function refusal.of(trial, lines)
  local list = essence(lines)
  local text = table.concat(list, "; ")
  local one = quoted(trial, text) or subject(trial, text) or mentioned(trial, text)
  local words = one and shown(one.entry)
  local from, to = text:find((words or "\0") .. ": ", 1, true)
  if from then return one, text:sub(to + 1) end
  return one, (text:gsub("^qemu[%w_-]*: ", ""))
end

return refusal
