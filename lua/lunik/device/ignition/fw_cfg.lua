-- SPDX-License-Identifier: MIT
-- A config of Ignition's in QEMU's firmware configuration, where it looks on x86, ARM and RISC-V.
local core = require "lunik.core"
local kind = require "lunik.schema.kind"
local qemu = require "lunik.qemu"

local fw_cfg = {
  doc = "a config of Ignition's, by fw_cfg",
  fields = {
    { "file", kind = kind.path "file", required = true,
      example = 'file = "config.ign"',
      doc = "the config: JSON, as butane makes it" },
  },
  no_plug = "is for the first boot",
  fork = "share",
}

local LARGEST = 16 << 20

function fw_cfg.check(one, context)
  local text, why = context.host.contents(one.file, LARGEST)
  if not text then return nil, "file", why end
  local config = core.json.decode(text)
  local said = type(config) == "table" and config.ignition
  if type(said) == "table" and type(said.version) == "string" then return true end
  return nil, "file", ("%s is no config of Ignition's, which is JSON and has ignition.version%s")
    :format(kind.show(context.written.file),
      text:find "%f[%w]variant:" and "; butane makes one of it" or "")
end

local has_fw_cfg = { x86_64 = true, i386 = true, aarch64 = true, arm = true, riscv64 = true }

function fw_cfg.join(_, machine)
  if has_fw_cfg[machine.arch] then return true end
  return nil, nil, "needs fw_cfg, which a guest of " .. machine.arch .. " has not"
end

function fw_cfg.emit(plan, one)
  plan:add(qemu.fw_cfg { name = "opt/com.coreos/config", file = one.file })
end

return fw_cfg
