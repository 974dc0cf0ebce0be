return machine {
  on("SHUTDWON", function() end),
  on("DEVICE_DELETE", function() end),
  on("LUNIK_READY", function() end),
  on("LUNIK_PROGRESS", function() end),
  on("OF_A_NEWER_QEMU", function() end),
  on("device-deleted", function() end),
}
