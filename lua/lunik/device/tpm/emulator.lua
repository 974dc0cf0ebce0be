-- SPDX-License-Identifier: MIT
-- A TPM in software: swtpm keeps its state, and QEMU is connected to it from the start. It lives
-- as long as one QEMU, its state as long as the disk of the guest's system; that of a saved machine
-- is part of QEMU's state, which gives it to the swtpm of the machine that goes on.
local kind = require "lunik.schema.kind"
local qemu = require "lunik.qemu"

local models = { "crb", "tis" }

-- QEMU's devices, by architecture (hw/tpm); the first model is the one to take.
local pc = { crb = "tpm-crb", tis = "tpm-tis", first = "crb" }
local arm = { tis = "tpm-tis-device", first = "tis" }
local drivers = { x86_64 = pc, i386 = pc, aarch64 = arm, arm = arm }

local emulator = {
  doc = "swtpm: a TPM in software",
  fields = {
    { "model", kind = kind.one_of(models),
      example = 'model = "tis"',
      doc = "how the guest speaks to it; default: crb on x86, tis on ARM" },
  },
  no_plug = "a TPM cannot come while the machine runs: QEMU takes one at the start only",
  fork = "refuse", no_fork = "every clone would have the keys of the one TPM",
}

-- The architecture says what there is.
function emulator.join(tpm, machine)
  local known = drivers[machine.arch]
  if not known then return nil, nil, ("QEMU has no TPM for %s"):format(machine.arch) end
  tpm.driver = known[tpm.model or known.first]
  if tpm.driver then return true end
  return nil, "model", ("'%s' is not there on %s; '%s' is"):format(tpm.model, machine.arch,
    known.first)
end

local function daemon(plan)
  local folder = plan:is_lasting() and plan:state_file "tpm" or plan:runtime_file "tpm"
  if plan:is_lasting() then plan:guest_state(folder) end
  return plan:helper { name = "tpm", kind = "swtpm", folder = folder, of_disk = true,
    argv = { plan:program "swtpm".path, "socket", "--tpm2", "--tpmstate", "dir=" .. folder,
             "--ctrl", "type=unixio,fd=3", "--terminate" },
    listen = { fd = 3, path = plan:runtime_file "tpm.sock" }, log = plan:log_file "tpm.log",
    means = "the guest has no TPM any more; a reboot ends the machine, and a reset is refused" }
end

function emulator.emit(plan, tpm)
  local helper = daemon(plan)
  plan:descriptor { name = "tpm", kind = "connect", helper = "tpm" }
  plan:add(qemu.chardev { "socket", id = "tpm",
    path = qemu.descriptor("tpm", { "path", helper.listen.path }, { "fd", "%d" }) })
  plan:add(qemu.tpmdev { "emulator", id = "tpm-state", chardev = "tpm" })
  plan:add(qemu.device { tpm.driver, id = "tpm", tpmdev = "tpm-state" })
end

return emulator
