return machine {
  firmware = { kind = "uefi", log = true },
  disk { file = "base.qcow2", overlay = true },
  tpm { model = "tis" },
}
