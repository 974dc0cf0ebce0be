-- SPDX-License-Identifier: MIT
-- Options for i386 targets, as qemu-options.hx groups them.
local kind = require "lunik.qemu.kind"

local tables = {
  { "sig", kind = kind.text, doc = "signature, 4 bytes" },
  { "rev", kind = kind.byte, doc = "revision" },
  { "oem_id", kind = kind.text, doc = "OEM id, 6 bytes" },
  { "oem_table_id", kind = kind.text, doc = "OEM table id, 8 bytes" },
  { "oem_rev", kind = kind.count, doc = "OEM revision" },
  { "asl_compiler_id", kind = kind.text, doc = "compiler's id, 4 bytes" },
  { "asl_compiler_rev", kind = kind.count, doc = "compiler's revision" },
  { "file", kind = kind.files,
    doc = "files that are the table with its header; colons between them" },
  { "data", kind = kind.files,
    doc = "files that are the table without a header; colons between them" },
}

return {
  { "win2k-hack", grammar = "flag",
    doc = "Windows 2000 installs without a disk full error" },
  { "no-fd-bootchk", grammar = "flag",
    doc = "floppies need no boot signature" },
  { "no-acpi", grammar = "flag", removed = "9.0", deprecated = "use -machine acpi=off",
    only = { "i386", "x86_64", "arm", "aarch64" }, doc = "no ACPI" },
  { "no-hpet", grammar = "flag", removed = "9.0", deprecated = "use -machine hpet=off",
    only = { "i386", "x86_64" }, doc = "no high precision event timer" },
  { "acpitable", grammar = "opts", implied = "data", order = { "sig" }, keys = tables,
    underscores = { oem_id = true, oem_table_id = true, oem_rev = true, asl_compiler_id = true,
      asl_compiler_rev = true },
    doc = "an ACPI table", source = "qemu-options.hx, qapi/acpi.json",
    examples = { { sig = "OEM1", data = "table.bin" }, { file = "slic.bin" } } },
  (require "lunik.qemu.i386.smbios"),
}
