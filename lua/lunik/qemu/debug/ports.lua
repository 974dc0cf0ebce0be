-- SPDX-License-Identifier: MIT
-- Serial and parallel ports, monitors, and debuggers: options that take a character
-- backend in its short form (grammar/chardev.lua).
local kind = require "lunik.qemu.kind"
local short = require "lunik.qemu.character.short"

local mon = { { "mon", kind = kind.on_off, doc = "a monitor on it too (mon:)" } }
local everything, no_none = short(), short { "none" }

local function row(name, doc, more)
  local made = { name, grammar = "chardev", doc = doc, keys = mon, by = everything,
    source = "qemu-options.hx, chardev/char.c:qemu_chr_parse_compat" }
  for key, value in pairs(more) do made[key] = value end
  return made
end

return {
  row("serial", "a serial port of the board, one after the other", {
    examples = { { "file", path = "serial.log" }, { "stdio", mon = true } } }),
  row("parallel", "a parallel port of the board, at most three", {
    examples = { { "file", path = "printer.log" } } }),
  row("monitor", "a monitor for people (HMP)", {
    examples = { { "stdio" }, { "none" } } }),
  row("qmp", "a monitor for programs (QMP)", { by = no_none, keys = {},
    examples = { { "unix", path = "/run/vm/qmp.sock", server = true, wait = false } } }),
  row("qmp-pretty", "a QMP monitor that indents its JSON", { by = no_none, keys = {},
    examples = { { "stdio" } } }),
  { "mon", grammar = "opts", implied = "chardev",
    doc = "a monitor on a backend that -chardev defines", source = "qemu-options.hx",
    keys = {
      { "chardev", kind = kind.ref "chardev", ref = "chardev", required = true,
        doc = "the backend" },
      { "id", kind = kind.id, doc = "its name" },
      { "mode", kind = kind.one_of { "readline", "control" }, default = "readline",
        doc = "readline for people, control for programs" },
      { "pretty", kind = kind.on_off, default = "off", doc = "indented JSON, in mode control" },
    },
    examples = { { "qmp0", mode = "control" } } },
  row("debugcon", "the debug console at port 0xe9", { once = true, only = { "i386", "x86_64" },
    by = short { "none", "chardev" },
    examples = { { "file", path = "firmware.log" } } }),
  row("gdb", "wait for gdb; tcp: listens without waiting, whatever is said", { once = true,
    examples = { { "tcp", port = 1234 },
      { "unix", path = "gdb.sock", server = true, wait = false } } }),
  { "s", grammar = "flag", once = true, look = "debugger", doc = "-gdb tcp::1234" },
  row("qtest", "for QEMU's own tests: a connection that drives the board", { once = true,
    by = short({ "none", "chardev" }, true), keys = {}, source = "softmmu/qtest.c",
    examples = { { "unix", path = "qtest.sock" } } }),
  { "qtest-log", grammar = "text", kind = kind.output, once = true,
    doc = "for QEMU's own tests: log of that connection", source = "softmmu/qtest.c",
    examples = { { "/dev/null" } } },
}
