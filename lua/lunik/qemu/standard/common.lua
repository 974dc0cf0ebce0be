-- SPDX-License-Identifier: MIT
-- The standard options with few keys.
local kind = require "lunik.qemu.kind"

local layouts = { "ar", "bepo", "cz", "da", "de", "de-ch", "en-gb", "en-us", "es", "et", "fi",
  "fo", "fr",
  "fr-be", "fr-ca", "fr-ch", "hr", "hu", "is", "it", "ja", "lt", "lv", "mk", "nl", "no", "pl", "pt",
  "pt-br", "ru", "sl", "sv", "th", "tr" }

return {
  { "help", grammar = "flag", aliases = { "h" },
    doc = "print the options and exit" },
  { "version", grammar = "flag",
    doc = "print the version and exit" },

  { "add-fd", grammar = "opts", order = { "fd", "set" },
    keys = {
      { "fd", kind = kind.int(3), required = true, doc = "descriptor that QEMU inherits" },
      { "set", kind = kind.count, required = true, doc = "set to put a duplicate into" },
      { "opaque", kind = kind.text, doc = "what monitors are told about it" },
    },
    doc = "an inherited descriptor, opened by others as /dev/fdset/SET",
    examples = { { fd = 4, set = 2, opaque = "rdonly:/srv/disk.img" } } },

  -- what follows the first "=" is the value as it stands: commas are not doubled
  { "set", grammar = "set", order = { "group", "id", "arg", "value" },
    keys = {
      { "group", kind = kind.word, required = true, doc = "option whose item is changed" },
      { "id", kind = kind.id, required = true, doc = "its id, at most 63 bytes and no dot" },
      { "arg", kind = kind.text, required = true, doc = "the key" },
      { "value", kind = kind.text, required = true, doc = "its value" },
    },
    doc = "a key of an item that an option before it made",
    examples = { { "drive.root.file=/srv/disk.img" } } },
  { "global", grammar = "global", order = { "driver", "property", "value" },
    keys = {
      { "driver", kind = kind.text, required = true, doc = "the driver" },
      { "property", kind = kind.text, required = true, doc = "its property" },
      { "value", kind = kind.text, required = true, doc = "the default that it gets" },
    },
    doc = "default of a property, for every device of a driver",
    examples = { { "ide-hd.physical_block_size=4096" },
      { driver = "virtio-net-pci", property = "mq", value = "on" } } },

  { "boot", grammar = "keyval", implied = "order", merges = true, order = { "order" },
    keys = {
      { "order", kind = kind.drives,
        doc = "where to boot from: a b floppies, c disk, d CD, n network" },
      { "once", kind = kind.drives, doc = "the same, the first time only" },
      { "menu", kind = kind.on_off, doc = "firmware shows its boot menu" },
      { "splash", kind = kind.searched, doc = "picture beside the menu (JPEG or 24-bit BMP)" },
      { "splash-time", kind = kind.int(0, 65535), doc = "milliseconds that it stays" },
      { "reboot-timeout", kind = kind.int(-1, 65535),
        doc = "milliseconds before a failed boot is retried" },
      { "strict", kind = kind.on_off, doc = "only devices with a bootindex" },
    },
    doc = "boot order, for devices without a bootindex",
    examples = { { "dc", menu = true }, { once = "d" } } },

  { "m", grammar = "opts", implied = "size", look = "memory", merges = true, order = { "size" },
    keys = {
      { "size", kind = kind.mebibytes, default = "128M", doc = "memory at start" },
      { "slots", kind = kind.int(0, 256), doc = "slots for memory that is plugged later" },
      { "maxmem", kind = kind.size, doc = "all the memory there can be" },
    },
    doc = "initial memory", examples = { { "4G" }, { "1G", slots = 3, maxmem = "4G" } } },
  { "mem-path", grammar = "text", kind = kind.backing, once = true,
    doc = "file or directory that backs the memory", examples = { { "/dev/hugepages" } } },
  { "mem-prealloc", grammar = "flag",
    doc = "memory is touched at start" },

  { "k", grammar = "text", kind = kind.word_such_as(layouts), once = true,
    doc = "keyboard layout", examples = { { "fr" } } },

  { "name", grammar = "opts", implied = "guest", merges = true, order = { "guest" },
    keys = {
      { "guest", kind = kind.text, doc = "name of the guest" },
      { "process", kind = kind.text, doc = "name of the process" },
      { "debug-threads", kind = kind.on_off, doc = "threads have names too" },
    },
    doc = "name of the guest",
      examples = { { "web", process = "qemu-web", debug_threads = true } } },
  { "uuid", grammar = "text", kind = kind.uuid, once = true,
    doc = "UUID of the guest", examples = { { "a3f3ab93-0c1e-4ba2-8f1f-7b0b5a3d1d5e" } } },

  { "device", grammar = "opts", implied = "driver", json = true, open = "device",
    order = { "driver", "id", "bus", "addr" }, defines = "device",
    looks = { ["vfio-pci"] = "vfio", ["usb-host"] = "usb", ["vhost-vsock-pci"] = "vhost-vsock",
      ["vhost-vsock-device"] = "vhost-vsock", ["vhost-scsi-pci"] = "vhost-scsi" },
    deep = { romfile = kind.searched, file = kind.searched, rootdir = kind.folder,
      sysfsdev = kind.folder },
    keys = {
      { "driver", kind = kind.word, required = true, doc = "the driver" },
      { "id", kind = kind.id, doc = "id of the device" },
      { "bus", kind = kind.text, doc = "id of the bus it sits on" },
      { "addr", kind = kind.any, doc = "slot, or slot.function, on a PCI bus" },
      { "drive", kind = kind.text, ref = "drive", doc = "block node or drive behind it" },
      { "netdev", kind = kind.ref "netdev", ref = "netdev", doc = "network backend behind it" },
      { "chardev", kind = kind.ref "chardev", ref = "chardev",
        doc = "character backend behind it" },
      { "memdev", kind = kind.ref "object", ref = "object", doc = "memory backend behind it" },
      { "iothread", kind = kind.ref "object", ref = "object", doc = "thread that serves it" },
      { "audiodev", kind = kind.ref "audiodev", ref = "audiodev", doc = "audio backend behind it" },
      { "fsdev", kind = kind.ref "fsdev", ref = "fsdev", doc = "9p file system behind it" },
      { "tpmdev", kind = kind.ref "tpmdev", ref = "tpmdev", doc = "TPM behind it" },
      { "cryptodev", kind = kind.ref "object", ref = "object", doc = "crypto backend behind it" },
      { "bootindex", kind = kind.int(-1), doc = "place in the boot order" },
    },
    doc = "a device",
    examples = { { "virtio-net-pci", netdev = "n0", mac = "52:54:00:12:34:56" } } },
}
