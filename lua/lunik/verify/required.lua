-- SPDX-License-Identifier: MIT
-- What QEMU does not tell of its devices: properties that must be there, and ranges. Each comes
-- from the realize function that refuses without it, in hw/ of QEMU 7.2.
local required = {}

-- Properties of which one must be given. A list is of alternatives.
required.properties = {
  ["virtio-blk-pci"] = { "drive" }, ["virtio-blk-device"] = { "drive" },
  ["virtio-blk"] = { "drive" }, ["scsi-hd"] = { "drive" }, ["scsi-block"] = { "drive" },
  ["scsi-generic"] = { "drive" }, ["ide-hd"] = { "drive" }, nvme = { "serial" },
  ["nvme-ns"] = { "drive" }, ["usb-storage"] = { "drive" },
  ["vhost-user-fs-pci"] = { "chardev", "tag" }, ["vhost-user-blk-pci"] = { "chardev" },
  ["vhost-user-vsock-pci"] = { "chardev" }, ["vhost-user-gpu-pci"] = { "chardev" },
  ["vhost-vsock-pci"] = { "guest-cid" }, ["vfio-pci"] = { { "host", "sysfsdev" } },
  ["pc-dimm"] = { "memdev" }, nvdimm = { "memdev" }, ["virtio-pmem-pci"] = { "memdev" },
  ["virtio-mem-pci"] = { "memdev" }, ["tpm-tis"] = { "tpmdev" }, ["tpm-crb"] = { "tpmdev" },
  ["virtio-9p-pci"] = { "fsdev", "mount_tag" }, ["virtio-crypto-pci"] = { "cryptodev" },
  ["ivshmem-plain"] = { "memdev" }, ["ivshmem-doorbell"] = { "chardev" },
  ["usb-redir"] = { "chardev" }, ["usb-serial"] = { "chardev" }, ["isa-ipmi-kcs"] = { "bmc" },
  ["isa-ipmi-bt"] = { "bmc" }, ["usb-mtp"] = { "rootdir" }, ["isa-debugcon"] = { "chardev" },
  ["ccid-card-passthru"] = { "chardev" }, ["virtio-input-host-pci"] = { "evdev" },
  ["vhost-scsi-pci"] = { "wwpn" }, ["vhost-user-scsi-pci"] = { "chardev" },
  ["pci-serial"] = { "chardev" }, ["pci-bridge"] = { "chassis_nr" },
}

-- Properties that stand together or not at all.
required.together = { loader = { { "data", "data-len" }, { "data-len", "data" } } }

-- Properties without which QEMU makes a device that does nothing.
required.useful = { ["isa-serial"] = { "chardev" }, ["isa-parallel"] = { "chardev" },
  virtconsole = { "chardev" }, virtserialport = { "chardev" } }

local function power_of_two(least, most)
  return function(number)
    return number >= least and number <= most and number & (number - 1) == 0,
      ("a power of two from %d to %d expected"):format(least, most)
  end
end

local function between(least, most)
  return function(number)
    return number >= least and number <= most, ("%d to %d expected"):format(least, most)
  end
end

local queues, sizes = between(1, 1024), power_of_two(2, 1024)
local block = { ["num-queues"] = queues, ["queue-size"] = sizes }
local outputs = { max_outputs = between(0, 16) }
local net = { rx_queue_size = power_of_two(256, 1024), tx_queue_size = power_of_two(256, 1024) }

required.ranges = {
  ["virtio-blk-pci"] = block, ["virtio-blk-device"] = block, ["vhost-user-blk-pci"] = block,
  ["virtio-scsi-pci"] = { num_queues = between(1, 1024) }, ["virtio-net-pci"] = net,
  ["virtio-serial-pci"] = { max_ports = between(1, 511) },
  ["vhost-user-fs-pci"] = { ["queue-size"] = sizes },
  ["vhost-vsock-pci"] = { ["guest-cid"] = between(3, (1 << 32) - 2) },
  ["usb-host"] = { hostbus = between(0, 255), hostaddr = between(0, 127),
    vendorid = between(0, 0xffff), productid = between(0, 0xffff) },
  ["virtio-gpu-pci"] = outputs, ["virtio-vga"] = outputs, ["virtio-gpu-gl-pci"] = outputs,
  ["virtio-vga-gl"] = outputs,
}

-- The bytes that a text has at most; over them QEMU refuses, or cuts.
required.longest = { ["vhost-user-fs-pci"] = { tag = 36 }, ["virtio-9p-pci"] = { mount_tag = 31 },
  ["virtio-blk-pci"] = { serial = 20 }, nvme = { serial = 20 } }

-- Devices that every PC has.
required.board = { ["isa-fdc"] = true, mc146818rtc = true, i8042 = true, ["fw_cfg_io"] = true }

-- Devices of which a machine has only one: those of one name exclude each other.
required.single = { ["virtio-balloon-pci"] = "balloon", ["virtio-balloon"] = "balloon",
  ["virtio-balloon-device"] = "balloon", ["virtio-balloon-pci-transitional"] = "balloon",
  ["virtio-balloon-pci-non-transitional"] = "balloon", vmgenid = "vmgenid",
  vmcoreinfo = "vmcoreinfo" }

-- Ports of a chassis, in a slot of it each (hw/pci/pcie_port.c:pcie_chassis_add_slot).
required.chassis = { ["pcie-root-port"] = true, ioh3420 = true, ["xio3130-downstream"] = true }

-- Devices that only one kind of board takes (hw/i386/pc_q35.c).
required.of_board = { ["intel-iommu"] = "q35", ["amd-iommu"] = "q35" }

-- Devices that cannot come while the machine runs: device_add says so of each (dc->hotpluggable).
required.cold = {}
for name in ("cxl-rp pxb pxb-cxl pxb-pcie ich9-usb-ehci1 ich9-usb-ehci2 ich9-usb-uhci1 "
  .. "ich9-usb-uhci2 ich9-usb-uhci3 ich9-usb-uhci4 ich9-usb-uhci5 ich9-usb-uhci6 pci-ohci "
  .. "nvme-subsys piix3-ide piix4-ide ati-vga cirrus-vga qxl-vga VGA vhost-user-gpu "
  .. "vhost-user-gpu-pci vhost-user-vga virtio-gpu-device virtio-gpu-gl-pci virtio-gpu-pci "
  .. "virtio-vga virtio-vga-gl vmware-svga acpi-erst amd-iommu intel-iommu vfio-pci-nohotplug "
  .. "virtio-iommu-pci vmcoreinfo vmgenid ipmi-bmc-extern ipmi-bmc-sim"):gmatch "%S+" do
  required.cold[name] = true
end

-- How a text is written, where QEMU says so in words alone: a pattern, and what it is.
local hex = "%x"
required.texts = {
  vmgenid = { guid = { ("^%s-%s-%s-%s-%s$"):format(hex:rep(8), hex:rep(4), hex:rep(4), hex:rep(4),
    hex:rep(12)):gsub("-", "%%-"), "a UUID, or auto", auto = true } },
}

-- Devices by the names that people and other programs give them.
required.meant = { ["virtio-fs-pci"] = "vhost-user-fs-pci", ["virtio-fs"] = "vhost-user-fs-pci",
  ["virtiofs"] = "vhost-user-fs-pci", ["virtio-console"] = "virtconsole", ["virtio-disk"] =
  "virtio-blk-pci", ["virtio-vsock-pci"] = "vhost-vsock-pci", ["virtio-9p"] = "virtio-9p-pci",
  ["ide-drive"] = "ide-hd", ["ide-disk"] = "ide-hd", ["scsi-disk"] = "scsi-hd", xhci = "qemu-xhci",
  ["usb-xhci"] = "qemu-xhci", ["usb-keyboard"] = "usb-kbd", ["usb-disk"] = "usb-storage",
  ["pcie-port"] = "pcie-root-port", ["virtio-serial-port"] = "virtserialport", ehci = "usb-ehci",
  hda = "intel-hda", ["ich9-hda"] = "ich9-intel-hda", cirrus = "cirrus-vga", qxl = "qxl-vga",
  balloon = "virtio-balloon-pci", rng = "virtio-rng-pci", tpm = "tpm-tis", watchdog = "i6300esb",
  ["virtio-mouse"] = "virtio-mouse-pci", ["sata-hd"] = "ide-hd", ["nvme-drive"] = "nvme",
  virtio = "virtio-net-pci" }

return required
