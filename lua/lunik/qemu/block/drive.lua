-- SPDX-License-Identifier: MIT
-- -drive: a block node and, unless if=none, the board's own device for it. It takes what
-- -blockdev takes besides, so further keys are open.
local kind = require "lunik.qemu.kind"
local throttling = require "lunik.qemu.block.throttling"

local keys = {
  { "file", kind = kind.image, doc = "image file, or a URL; none: an empty drive" },
  { "id", kind = kind.id, doc = "id of the drive" },
  { "if", kind = kind.one_of { "ide", "scsi", "sd", "mtd", "floppy", "pflash", "virtio", "xen",
    "none" },
    doc = "what it is connected to" },
  { "format", kind = kind.word, doc = "format of the image; without it QEMU guesses" },
  { "media", kind = kind.one_of { "disk", "cdrom" }, doc = "kind of medium" },
  { "index", kind = kind.count, doc = "connector, counted through" },
  { "bus", kind = kind.count, doc = "number of the bus" },
  { "unit", kind = kind.count, doc = "number on the bus" },
  { "snapshot", kind = kind.on_off, default = "off", doc = "writes go to a temporary file" },
  { "readonly", kind = kind.on_off, doc = "the same as read-only" },
  { "read-only", kind = kind.on_off, default = "off", doc = "no writes" },
  { "auto-read-only", kind = kind.on_off, default = "on",
    doc = "read-only where writing is not allowed" },
  { "cache", kind = kind.one_of { "none", "writeback", "unsafe", "directsync", "writethrough",
    "off" },
    default = "writeback", doc = "cache.* in one word" },
  { "cache.writeback", kind = kind.on_off, default = "on", doc = "the device has a write cache" },
  { "cache.direct", kind = kind.on_off, default = "off", doc = "around the host's page cache" },
  { "cache.no-flush", kind = kind.on_off, default = "off", doc = "flushes are ignored" },
  { "aio", kind = kind.one_of { "threads", "native", "io_uring" }, default = "threads",
    doc = "how the host does I/O" },
  { "discard", kind = kind.on_off_or { "ignore", "unmap" }, default = "ignore",
    doc = "what becomes of TRIM" },
  { "detect-zeroes", kind = kind.on_off_or { "unmap" }, default = "off",
    doc = "zeroes are not written out" },
  { "copy-on-read", kind = kind.on_off, default = "off",
    doc = "what is read from the backing file is kept" },
  { "force-share", kind = kind.on_off, default = "off", doc = "no locks on the image" },
  { "werror", kind = kind.one_of { "ignore", "stop", "report", "enospc" }, default = "enospc",
    doc = "what a write error does" },
  { "rerror", kind = kind.one_of { "ignore", "stop", "report" }, default = "report",
    doc = "what a read error does" },
  { "group", kind = kind.text, doc = "throttling group" },
  { "throttling.group", kind = kind.text, doc = "throttling group" },
  { "iops_size", kind = kind.count, doc = "bytes that count as one request" },
  { "stats-account-invalid", kind = kind.on_off, default = "on",
    doc = "invalid requests are counted" },
  { "stats-account-failed", kind = kind.on_off, default = "on",
    doc = "failed requests are counted" },
  { "driver", kind = kind.word, doc = "driver of the node, as format" },
  { "node-name", kind = kind.id, doc = "name of the node" },
}

table.move(throttling.short, 1, #throttling.short, #keys + 1, keys)
table.move(throttling.keys, 1, #throttling.keys, #keys + 1, keys)

return { "drive", grammar = "opts", order = { "file", "id", "if", "format" }, keys = keys,
  open = "block", defines = "drive", deep = { filename = kind.image, dir = kind.folder },
  doc = "a disk image and its device", source = "qemu-options.hx, blockdev.c",
  examples = { { file = "disk.qcow2", format = "qcow2", ["if"] = "virtio" },
    { file = "install.iso", media = "cdrom", readonly = true } } }
