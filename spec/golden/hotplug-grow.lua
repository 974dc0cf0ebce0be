return machine {
  cpus = 2, memory = "1G",
  hotplug { ports = 0, cpus = 8, memory = "8G", scsi = true, usb = true,
    mount = function(_, request) return request end },
}
