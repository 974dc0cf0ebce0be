-- SPDX-License-Identifier: MIT
-- What QEMU does not tell of its devices: properties that must be there, and ranges. Each comes
-- from the realize function that refuses without it, in hw/ of QEMU 7.2.
local required = {}

-- Properties of which one must be given. A list is of alternatives.
required.properties = {
  ["virtio-blk-pci"] = { "drive" }, ["virtio-blk-device"] = { "drive" },
  ["virtio-blk"] = { "drive" }, ["scsi-hd"] = { "drive" }, ["scsi-block"] = { "drive" },
  ["scsi-generic"] = { "drive" }, ["ide-hd"] = { "drive" }, nvme = { "drive" },
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
  ["pci-serial"] = { "chardev" },
}

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
local net = { rx_queue_size = power_of_two(256, 1024), tx_queue_size = power_of_two(256, 1024) }

required.ranges = {
  ["virtio-blk-pci"] = block, ["virtio-blk-device"] = block, ["vhost-user-blk-pci"] = block,
  ["virtio-scsi-pci"] = { num_queues = between(1, 1024) }, ["virtio-net-pci"] = net,
  ["virtio-serial-pci"] = { max_ports = between(1, 31) },
  ["vhost-user-fs-pci"] = { ["queue-size"] = sizes },
  ["vhost-vsock-pci"] = { ["guest-cid"] = between(3, (1 << 32) - 2) },
  ["usb-host"] = { hostbus = between(0, 255), hostaddr = between(0, 127) },
}

-- The bytes that a text has at most; over them QEMU refuses, or cuts.
required.longest = { ["vhost-user-fs-pci"] = { tag = 36 }, ["virtio-9p-pci"] = { mount_tag = 31 },
  ["virtio-blk-pci"] = { serial = 20 }, nvme = { serial = 20 } }

-- Devices that every PC has.
required.board = { ["isa-fdc"] = true, mc146818rtc = true, i8042 = true, ["fw_cfg_io"] = true }

-- Devices by the names that people and other programs give them.
required.meant = { ["virtio-fs-pci"] = "vhost-user-fs-pci", ["virtio-fs"] = "vhost-user-fs-pci",
  ["virtiofs"] = "vhost-user-fs-pci", ["virtio-console"] = "virtconsole", ["virtio-disk"] =
  "virtio-blk-pci", ["virtio-vsock-pci"] = "vhost-vsock-pci", ["virtio-9p"] = "virtio-9p-pci" }

return required
