return machine { arch = "aarch64", cdrom { file = "debian.iso" } }
