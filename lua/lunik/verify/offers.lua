-- SPDX-License-Identifier: MIT
-- The buses that devices and boards offer, which QEMU does not tell (hw/*: qbus_init and
-- scsi_bus_init of each). A bus is called ID.N, or ID where a PCI bridge or an NVMe controller
-- makes it; `count` says how many there are where it is not one.
local offers = {}

offers.plain = { PCI = true, ["nvme-bus"] = true }
offers.fixed = { ["sd-bus"] = true, ["floppy-bus"] = true, ["ccid-bus"] = true }
offers.count = { ahci = 6, ["ich9-ahci"] = 6, ["piix3-ide"] = 2, ["piix4-ide"] = 2,
  ["cmd646-ide"] = 2, ["via-ide"] = 2, sii3112 = 2 }

local function all(kind, names)
  for name in names:gmatch "%S+" do offers[name] = kind end
end

all("SCSI", "virtio-scsi-pci virtio-scsi virtio-scsi-device lsi53c895a lsi53c810 lsi megasas "
  .. "megasas-gen2 mptsas1068 am53c974 dc390 pvscsi usb-bot usb-uas vhost-scsi-pci")
all("virtio-serial-bus", "virtio-serial-pci virtio-serial virtio-serial-device")
all("usb-bus", "qemu-xhci nec-usb-xhci usb-ehci ich9-usb-ehci1 ich9-usb-ehci2 piix3-usb-uhci "
  .. "piix4-usb-uhci ich9-usb-uhci1 ich9-usb-uhci2 ich9-usb-uhci3 ich9-usb-uhci4 ich9-usb-uhci5 "
  .. "ich9-usb-uhci6 pci-ohci vt82c686b-usb-uhci usb-hub")
all("PCI", "pcie-root-port ioh3420 pci-bridge pci-bridge-seat pcie-pci-bridge x3130-upstream "
  .. "xio3130-downstream i82801b11-bridge pxb pxb-pcie cxl-rp cxl-upstream cxl-downstream pxb-cxl")
all("IDE", "ahci ich9-ahci piix3-ide piix4-ide isa-ide cmd646-ide via-ide sii3112")
all("HDA", "intel-hda ich9-intel-hda")
all("nvme-bus", "nvme nvme-subsys")
all("ccid-bus", "usb-ccid")
all("sd-bus", "sdhci-pci generic-sdhci ssi-sd")
all("floppy-bus", "isa-fdc")

-- Those that stand for themselves: nothing is said of them where the board is none of these.
offers.boards = {
  pc = { PCI = { "pci.0" }, ISA = { "isa.0" }, IDE = { "ide.0", "ide.1" },
    ["floppy-bus"] = { "floppy-bus.0" }, ["i2c-bus"] = { "i2c" }, ["i2c"] = { "i2c" } },
  q35 = { PCI = { "pcie.0" }, ISA = { "isa.0" }, ["i2c-bus"] = { "i2c" }, ["i2c"] = { "i2c" },
    IDE = { "ide.0", "ide.1", "ide.2", "ide.3", "ide.4", "ide.5" },
    ["floppy-bus"] = { "floppy-bus.0" } },
}

return offers
