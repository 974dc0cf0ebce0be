-- fork: { of = "vm", number = 1 }
return machine { usb { kind = "host", device = "046d:c52b" } }
