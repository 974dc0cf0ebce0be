-- SPDX-License-Identifier: MIT
return {
  { { "passthrough", id = "tpm0", path = "/dev/tpm0", cancel_path = "/dev/null" },
    "passthrough,id=tpm0,cancel-path=/dev/null,path=/dev/tpm0", try = "needs a TPM" },
  { { "emulator", id = "tpm0", chardev = "c0" },
    "emulator,id=tpm0,chardev=c0", try = "needs swtpm" },
}
