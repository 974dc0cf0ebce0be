-- SPDX-License-Identifier: MIT
-- -smbios: a structure from a file, or fields of one of the types.
local kind = require "lunik.qemu.kind"

local function text(name, doc) return { name, kind = kind.text, doc = doc } end
local function number(name, doc) return { name, kind = kind.count, doc = doc } end

local manufacturer = text("manufacturer", "manufacturer")
local version, serial = text("version", "version"), text("serial", "serial number")
local asset, part = text("asset", "asset tag"), text("part", "part number")

local by = {
  ["0"] = { -- the firmware
    text("vendor", "vendor"), version, text("date", "release date"),
    text("release", "release, MAJOR.MINOR"),
    { "uefi", kind = kind.on_off, doc = "UEFI is supported" },
  },
  ["1"] = { -- the system
    manufacturer, text("product", "product"), version, serial,
    { "uuid", kind = kind.uuid, doc = "UUID" }, text("sku", "SKU number"), text("family", "family"),
  },
  ["2"] = { -- the board
    manufacturer, text("product", "product"), version, serial, asset, text("location",
      "place in the chassis"),
  },
  ["3"] = { manufacturer, version, serial, asset, text("sku", "SKU number") }, -- the chassis
  ["4"] = { -- a processor
    text("sock_pfx", "socket's prefix"), manufacturer, version, serial, asset, part,
    number("max-speed", "MHz at most"), number("current-speed", "MHz"),
    { "processor-family", kind = kind.count, since = "9.0", doc = "family" },
    number("processor-id", "id"),
  },
  ["8"] = { -- a port
    text("external_reference", "label outside"), text("internal_reference", "label inside"),
    number("connector_type", "kind of connector"), number("port_type", "kind of port"),
  },
  ["9"] = { -- a slot
    since = "9.0",
    text("slot_designation", "label"), number("slot_type", "kind"), number("slot_data_bus_width",
      "width"),
    number("current_usage", "use"), number("slot_length", "length"), number("slot_id", "id"),
    number("slot_characteristics1", "characteristics, first byte"),
    number("slot_characteristics2", "characteristics, second byte"),
    { "pci_device", kind = kind.text, ref = "device", doc = "id of the device in it" },
  },
  ["11"] = { -- OEM strings
    { "value", kind = kind.text, repeats = true, doc = "a string" },
    { "path", kind = kind.file, repeats = true, doc = "file that is a string" },
  },
  ["17"] = { -- a memory device
    text("loc_pfx", "slot's prefix"), text("bank", "bank"), manufacturer, serial, asset, part,
    number("speed", "MT/s"),
  },
  ["41"] = { -- an onboard device
    text("designation", "label"),
    { "kind", kind = kind.one_of { "other", "unknown", "video", "scsi", "ethernet", "tokenring",
      "sound",
      "pata", "sata", "sas" }, doc = "kind of device" },
    number("instance", "number of its kind"),
    { "pcidev", kind = kind.text, ref = "device", doc = "id of the device" },
  },
}

return { "smbios", grammar = "opts", order = { "type", "file" }, by = by, discriminator = "type",
  look = "smbios",
  only = { "i386", "x86_64", "arm", "aarch64", "loongarch64", "riscv32", "riscv64" },
  underscores = { sock_pfx = true, loc_pfx = true, external_reference = true,
    internal_reference = true,
    connector_type = true, port_type = true, slot_designation = true, slot_type = true,
    slot_data_bus_width = true, current_usage = true, slot_length = true, slot_id = true,
    slot_characteristics1 = true, slot_characteristics2 = true, pci_device = true },
  keys = {
    { "type", kind = kind.byte, doc = "type of the structure" },
    { "file", kind = kind.file, doc = "file that is a structure; nothing else goes with it" },
  },
  doc = "SMBIOS structures", source = "qemu-options.hx, hw/smbios/smbios.c",
  examples = { { type = 1, manufacturer = "Curds, Whey & Co", serial = "4711" },
    { type = 11, value = { "a=1", "b=2" } } } }
