return machine {
  name = "dev",
  usb {},
  usb { model = "usb-kbd", id = "keys" },
  usb { kind = "host", device = "046D:c52b" },
  usb { kind = "host", where = "3-1.4" },
}
