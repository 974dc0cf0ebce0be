return machine { firmware = { kind = "bios", log = "bios.log" } }
