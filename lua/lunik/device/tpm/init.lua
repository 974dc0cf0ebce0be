-- SPDX-License-Identifier: MIT
-- The TPM of the machine: QEMU takes one.
return { kinds = { "emulator" }, once = true, doc = "a TPM 2.0",
  example = "tpm {}" }
