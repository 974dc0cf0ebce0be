-- SPDX-License-Identifier: MIT
-- How QEMU reads and writes a disk: caches, threads, queues. Fields of a disk's row, what they ask
-- of each other, and what they become.
local kind = require "lunik.schema.kind"
local qemu = require "lunik.qemu"

local tuning = {
  fields = {
    { "cache", kind = kind.one_of { "writeback", "none", "writethrough", "directsync", "unsafe" },
      example = 'cache = "none"',
      doc = "as QEMU's -drive has it; default: writeback" },
    { "aio", kind = kind.one_of { "threads", "native", "io_uring" },
      example = 'aio = "native", cache = "none"',
      doc = "how the host's file is read and written; native needs cache none or directsync" },
    { "iothread", kind = kind.bool, default = false, doc = "a thread of its own; on virtio" },
    { "queues", kind = kind.int(1, 1024), example = "queues = 4",
      doc = "how many queues; on virtio, default: one a CPU" },
    { "ssd", kind = kind.bool, default = false,
      example = 'bus = "scsi", ssd = true',
      doc = "the guest takes it for one; on scsi, sata and ide" },
    { "detect_zeroes", kind = kind.one_of { "off", "on", "unmap" },
      example = 'detect_zeroes = "unmap"',
      doc = "zeroes that the guest writes become a hole's, or are freed; default: off" },
  },
}

-- What each word of `cache` is made of (docs of -drive).
local caches = {
  writeback = {}, none = { direct = true }, writethrough = { through = true },
  directsync = { direct = true, through = true }, unsafe = { no_flush = true },
}

local rotates = { scsi = true, sata = true, ide = true }

-- true | nil, field, why
function tuning.check(disk)
  local cache = caches[disk.cache or "writeback"]
  if disk.aio == "native" and not cache.direct then
    return nil, "aio", "native needs cache = \"none\" or \"directsync\""
  end
  if disk.iothread and disk.bus ~= "virtio" then
    return nil, "iothread", ("is for virtio, not for %s"):format(disk.bus)
  end
  if disk.queues and disk.bus ~= "virtio" then
    return nil, "queues", ("is for virtio, not for %s"):format(disk.bus)
  end
  if disk.ssd and not rotates[disk.bus] then
    return nil, "ssd", "is for scsi, sata and ide, not for " .. disk.bus
  end
  if disk.detect_zeroes == "unmap" and not disk.discard then
    return nil, "detect_zeroes", "unmap needs discard = true"
  end
  return true
end

-- Adds to the arguments of the two nodes, of the file and of its format. Writes that are thrown
-- away at the end need no flush.
function tuning.nodes(disk, file, format)
  local cache = caches[disk.cache or disk.overlay == true and "unsafe" or "writeback"]
  file["cache.direct"], format["cache.direct"] = cache.direct, cache.direct
  format["cache.no-flush"] = cache.no_flush
  file.aio, format["detect-zeroes"] = disk.aio, disk.detect_zeroes
end

-- Adds to the arguments of the device; its thread comes before it.
function tuning.device(plan, disk, args)
  if disk.iothread then
    args.iothread = disk.id .. "-thread"
    plan:add(qemu.object { "iothread", id = args.iothread })
  end
  local cache = caches[disk.cache or "writeback"]
  args["write-cache"] = cache.through and "off" or nil
  args["num-queues"] = disk.queues
  args.rotation_rate = disk.ssd and 1 or nil
end

return tuning
