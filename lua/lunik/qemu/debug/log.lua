-- SPDX-License-Identifier: MIT
-- Logs, traces, profiles and the plugins of TCG.
local kind = require "lunik.qemu.kind"

-- Reads text whose every part, between commas, is one that `reads` takes.
local function every(reads)
  return function(value)
    if type(value) ~= "string" then return nil end
    for each in (value .. ","):gmatch "([^,]*)," do
      if not reads(each) then return nil end
    end
    return value
  end
end

-- util/log.c:qemu_log_items; more in other versions and targets.
local items = kind.define("words", 'log items such as "guest_errors,unimp", commas between',
  every(function(word) return word:find "^[%w_]+$" or word:find "^trace:[^%s]+$" end), {
    names = { "out_asm", "in_asm", "op", "op_opt", "op_ind", "int", "exec", "cpu", "fpu", "mmu",
      "pcall", "cpu_reset", "unimp", "guest_errors", "page", "nochain", "plugin", "strace",
      "tid", "op_plugin", "vpu", "invalid_mem", "all", "trace:PATTERN" }, open = true })

-- util/log.c:qemu_set_dfilter_ranges
local ranges = kind.define("ranges", 'addresses such as "0x8000..0x8fff,0x9000+0x200"',
  every(function(range)
    local first, op, second = range:match "^(%w+)([-+.]+)(%w+)$"
    return (op == "+" or op == "-" or op == "..") and tonumber(first) and tonumber(second)
  end))

local uint64 = kind.define("uint64", "a whole number, at least 0", function(value)
  if type(value) == "string" then
    return (value:find "^%d%d?%d?%d?%d?%d?%d?%d?%d?%d?%d?%d?%d?%d?%d?%d?%d?%d?%d?%d?$"
      or value:find "^0[xX]%x+$" and #value <= 18) and value or nil
  end
  return kind.count.read(value)
end)

local input = kind.one_of { "accept", "reject", "crash" }
local output = kind.one_of { "accept", "hide" }

return {
  { "compat", grammar = "keyval", json = true, once = true, source = "qapi/compat.json",
    doc = "what becomes of QMP's deprecated and unstable parts",
    keys = {
      { "deprecated-input", kind = input, default = "accept", doc = "commands and arguments" },
      { "deprecated-output", kind = output, default = "accept", doc = "replies and events" },
      { "unstable-input", kind = input, default = "accept", doc = "commands and arguments" },
      { "unstable-output", kind = output, default = "accept", doc = "replies and events" },
    },
    examples = { { deprecated_input = "reject", deprecated_output = "hide" } } },
  { "d", grammar = "words", kind = items, once = true, source = "util/log.c",
    doc = "what to log", examples = { { "guest_errors,unimp" } } },
  { "D", grammar = "text", kind = kind.output, once = true,
    doc = "file to log to; %d is the process id", examples = { { "qemu-%d.log" } } },
  { "dfilter", grammar = "words", kind = ranges, once = true, source = "util/log.c",
    doc = "log only what happens at these addresses",
    examples = { { "0x8000..0x8fff,0xffffffc000080000+0x200" } } },
  { "seed", grammar = "text", kind = uint64, once = true,
    doc = "random numbers for the guest that are the same each time", examples = { { "42" } } },
  { "trace", grammar = "opts", implied = "enable", source = "trace/control.c",
    doc = "trace events",
    keys = {
      { "enable", kind = kind.text, doc = "events, by name or pattern; -NAME switches off" },
      { "events", kind = kind.file, doc = "file with one of those on each line" },
      { "file", kind = kind.output, doc = "file to trace to" },
    },
    examples = { { "virtio_*", file = "trace.log" } } },
  { "plugin", grammar = "opts", implied = "file", open = "plugin", source = "plugins/loader.c",
    doc = "load a plugin into TCG; other keys are its arguments",
    keys = {
      { "file", kind = kind.searched, required = true, doc = "the plugin" },
      { "arg", kind = kind.text, repeats = true, deprecated = "write NAME=VALUE",
        doc = "an argument for it" },
    },
    examples = { { "libexeclog.so", reg = "rip" } } },
  { "msg", grammar = "opts", once = true, source = "qemu-options.hx",
    doc = "what QEMU's messages begin with",
    keys = {
      { "timestamp", kind = kind.on_off, default = "off", doc = "the time" },
      { "guest-name", kind = kind.on_off, default = "off", doc = "the name that -name gives" },
    },
    examples = { { timestamp = true } } },
  { "dump-vmstate", grammar = "text", kind = kind.output, once = true,
    doc = "write what migration would send, as JSON, and quit", examples = { { "vmstate.json" } } },
  { "enable-sync-profile", grammar = "flag", once = true, doc = "profile locks" },
  { "perfmap", grammar = "flag", once = true, since = "8.0",
    doc = "symbols of translated code for perf in /tmp/perf-PID.map" },
  { "jitdump", grammar = "flag", once = true, since = "8.0",
    doc = "translated code for perf in jit-PID.dump" },
}
