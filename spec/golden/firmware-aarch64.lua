return machine { arch = "aarch64", disk { file = "disk.qcow2" }, tpm {} }
