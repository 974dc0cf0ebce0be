return machine { firmware = "OVMF.fd", display = "gtk" }
