return machine {
  disk { file = "a/root.qcow2" },
  disk { file = "b/root.qcow2" },
}
