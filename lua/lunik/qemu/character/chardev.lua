-- SPDX-License-Identifier: MIT
-- -chardev. The short forms of the same backends (-serial and others) are in short.lua.
local kind = require "lunik.qemu.kind"

return {
  "chardev", grammar = "opts", implied = "backend", order = { "id" }, defines = "chardev",
  doc = "a character backend, for a device's chardev=",
  source = "qemu-options.hx, chardev/char.c:qemu_chardev_opts",
  keys = {
    { "id", kind = kind.id, required = true, doc = "its name" },
    { "logfile", kind = kind.output, doc = "file to copy the output to" },
    { "logappend", kind = kind.on_off, default = "off", doc = "keep what is in the log file" },
    { "mux", kind = kind.on_off, default = "off", doc = "several users, switched by control-a c" },
  },
  by = require "lunik.qemu.character.backends".all,
  examples = {
    { "socket", id = "ga", path = "/run/vm/agent.sock", server = true, wait = false },
    { "file", id = "log", path = "console.log" },
  },
}
