-- SPDX-License-Identifier: MIT
-- TPM device options, as qemu-options.hx groups them (backends/tpm/*.c).
local kind = require "lunik.qemu.kind"

return {
  { "tpmdev", grammar = "opts", implied = "type", order = { "id" }, once = true,
    defines = "tpmdev", doc = "the TPM behind a device's tpmdev=", source = "qemu-options.hx",
    keys = { { "id", kind = kind.id, required = true, doc = "its name" } },
    by = {
      passthrough = { doc = "the host's TPM",
        { "path", kind = kind.device, default = "/dev/tpm0", doc = "its device" },
        { "cancel-path", kind = kind.file, default = "the device's in /sys/class/tpm",
          doc = "file that cancels a command" },
      },
      emulator = { doc = "swtpm, a TPM in software",
        { "chardev", kind = kind.ref "chardev", ref = "chardev", required = true,
          doc = "its control socket" },
      },
    },
    examples = { { "emulator", id = "tpm0", chardev = "swtpm" } } },
}
