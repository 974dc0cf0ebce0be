-- SPDX-License-Identifier: MIT
-- Generic object creation, as qemu-options.hx groups them. On a command line objects are
-- read as QemuOpts: lists repeat their key, and what nests is JSON.
local kind = require "lunik.qemu.kind"

return {
  { "object", grammar = "opts", implied = "qom-type", json = true, order = { "id" },
    by = require "lunik.qemu.generic.objects", open_first = true, open = "object",
    defines = "object",
    keys = { { "id", kind = kind.id, required = true, doc = "id of the object" } },
    doc = "an object", source = "qemu-options.hx, qapi/qom.json",
    examples = { { "memory-backend-memfd", id = "mem", size = "4G", share = true },
      { "iothread", id = "io0" } } },
}
