return machine {
  name = "win",
  windows = true,
  disk { file = "windows.qcow2", iothread = true },
}
