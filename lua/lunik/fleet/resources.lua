-- SPDX-License-Identifier: MIT
-- What a machine takes of a node: CPUs, memory with what QEMU, its helpers and lunik need beside
-- the guest's, the time. Of a small guest QEMU has 110 MiB beside its memory and TCG's code, kernel
-- and initrd included, and lunik 15.
local accelerator = require "lunik.machine.accelerator"

local resources = {}

local MIB = 1 << 20
local BASE = 160 * MIB     -- QEMU with its devices, lunik, and the pages of both programs
local CPU = 8 * MIB        -- each CPU of the guest: its thread's stack, its tables
local HELPER = 32 * MIB    -- virtiofsd, swtpm
local BOOT = 60            -- seconds that a life has beside its own before the queue ends the job

-- What TCG may keep of translated code, in MiB: of QEMU's own 1024 a small guest fills a part, and
-- would have to be given all.
function resources.tb_size(memory)
  return math.max(64, math.min(512, memory // MIB // 4))
end

-- { cpus, memory (bytes), seconds | nil, kvm } of a plan and its machine
function resources.of(plan, machine)
  local guest = plan.needs.grow_memory or machine.memory
  local cpus = plan.needs.grow_cpus or machine.cpus
  local memory = guest + BASE + cpus * CPU + #plan.helpers * HELPER
  local kvm = accelerator.is_kvm(machine)
  -- a node may have no KVM, where the recipe leaves it open
  if not kvm then memory = memory + resources.tb_size(guest) * MIB end
  return { cpus = cpus, memory = memory, kvm = kvm,
           seconds = machine.life and math.ceil(machine.life) + BOOT or nil }
end

-- The most of each, where the jobs of an array differ.
function resources.most(list)
  local out = { cpus = 1, memory = 0, kvm = false }
  for _, one in ipairs(list) do
    out.cpus, out.memory = math.max(out.cpus, one.cpus), math.max(out.memory, one.memory)
    out.kvm = out.kvm or one.kvm
    if one.seconds then out.seconds = math.max(out.seconds or 0, one.seconds) end
  end
  return out
end

return resources
