return machine {
  cdrom { file = "debian.iso", boot = 1 },
  cdrom {},
  cdrom { file = "/dev/sr0", bus = "scsi", id = "real" },
}
