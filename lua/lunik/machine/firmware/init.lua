-- SPDX-License-Identifier: MIT
-- The field `firmware`: what it may say, which images of this host that means, and the options
-- that it becomes. The variables are a copy of the machine's own, of the template that belongs to
-- the code; another template has another copy, so that the two never meet.
local choose = require "lunik.machine.firmware.choose"
local check = require "lunik.schema.check"
local image = require "lunik.host.image"
local name = require "lunik.device.name"
local qemu = require "lunik.qemu"
local windows = require "lunik.machine.windows"

local firmware = {}

local X86 = { x86_64 = true, i386 = true }
local PAGE = 1 << 16       -- -bios of x86 takes whole ones

-- The board: what the recipe says, in its field or an option, or QEMU's own.
local function board(machine)
  for _, item in ipairs(machine.items) do
    local args = item.option == "machine" and item.args
    local said = args and (args.type or args[1])
    if said then return tostring(said) end
  end
  return machine.type or X86[machine.arch] and "pc" or nil
end

local BRINGS = { bios = true, pflash = true, readconfig = true }

-- Whether a recipe brings the firmware by options of QEMU's, as far as can be told.
local function is_brought(machine)
  for _, item in ipairs(machine.items) do
    local args = item.args or {}
    if item.raw or BRINGS[item.option] then return true end
    if item.option == "drive" and args["if"] == "pflash" then return true end
    if item.option == "machine" and (args.pflash0 or args.firmware) then return true end
    if item.option == "device" and (args[1] or args.driver) == "loader" then return true end
  end
end

-- The virt board of aarch64 has no firmware of its own, and without a kernel nothing to start.
local function by_default(machine)
  if not machine.defaults or machine.kernel or is_brought(machine) then return nil end
  if machine.windows then return windows.FIRMWARE end
  local is_virt = machine.arch == "aarch64" and (board(machine) or ""):find "^virt%f[%-%z]"
  return is_virt and "uefi" or nil
end

local function described(path, host)
  local head = host.head(path, 512) or ""
  return { path = path, format = image.looks_like(head) == "qcow2" and "qcow2" or "raw" }
end

-- Each of these returns what boots: { device, code, vars, smm, by = descriptor }
-- | nil, field, why, "host" where another host may have it.

local function of_descriptor(one, want)
  return { device = one.device, code = one.code, vars = one.vars, by = one.name,
           smm = X86[want.arch] and one.features["requires-smm"] or nil, features = one.features }
end

local function installed(want, list, host)
  local one, why = choose.first(list, want, host)
  if not one then return nil, nil, why, "host" end
  return of_descriptor(one, want)
end

-- A code that no descriptor knows: with its variables, or an image that has both.
local function unknown(want, host)
  if want.vars then
    return { device = "flash", code = described(want.code, host), smm = X86[want.arch]
             and want.secure or nil }
  end
  if want.secure then
    return nil, "vars", ("which variables, with the keys in them, go with %s is not known here")
      :format(want.code)
  end
  local bytes = (host.stamp(want.code) or {}).bytes
  if X86[want.arch] and bytes and bytes % PAGE ~= 0 then
    return nil, "vars", ("%s cannot start alone, and which variables go with it is not known here: "
      .. "firmware = { code = …, vars = … }"):format(want.code)
  end
  return { device = "memory", code = { path = want.code, format = "raw" } }
end

-- Whether -bios is what a path becomes, on whatever machine.
function firmware.is_for_bios(path, host)
  local list = host.firmware and host.firmware() or {}
  local bytes = (host.stamp(path) or {}).bytes
  return not choose.naming(list, "code", path, host)[1] and not (bytes and bytes % PAGE ~= 0)
end

local function of_code(want, list, host)
  local owners = choose.naming(list, "code", want.code, host)
  if not owners[1] then return unknown(want, host) end
  local one, field, why = choose.of_code(owners, list, want, host)
  if not one then return nil, field, why end
  return of_descriptor(one, want)
end

-- What a value says, all forms in one.
local function members(value)
  if value == "bios" or value == "uefi" then return { kind = value } end
  if type(value) == "string" then return { code = value } end
  return value
end

-- Members that make no sense where QEMU's own firmware starts.
local function bios(said, machine)
  if not X86[machine.arch] then
    return nil, "kind", ("'bios' is there on x86 only, and the machine is %s"):format(machine.arch)
  end
  for _, member in ipairs { "secure", "code", "vars", "store" } do
    if said[member] then return nil, member, "is for kind = \"uefi\"" end
  end
  return { device = "own" }
end

-- A place of the variables that has them already, of another size than the template's.
local function check_store(said, found, host)
  if not said.store then return true end
  if not found.vars then return nil, "store", "it keeps no variables" end
  local there, template = host.stamp(said.store), host.stamp(found.vars.path)
  if found.vars.format == "raw" and there and template and there.bytes ~= template.bytes then
    return nil, "store", ("%s has %s bytes, and variables of %s have %s"):format(said.store,
      there.bytes, found.by or found.code.path, template.bytes)
  end
  return true
end

local function check_log(said, found, machine)
  if not said.log then return true end
  if not X86[machine.arch] then
    return nil, "log", ("there is no debug port on %s: its firmware writes to the console"):format(
      machine.arch)
  end
  if found.features and not found.features["verbose-dynamic"] then
    return nil, "log", found.by .. " does not say that it writes one (verbose-dynamic)"
  end
  return true
end

local function find(said, machine, host)
  if said.kind == "bios" then return bios(said, machine) end
  if said.vars and not said.code then
    return nil, "vars", "needs the code that they go with: code = …"
  end
  local want = { arch = machine.arch, board = board(machine), secure = said.secure,
                 code = said.code, vars = said.vars }
  local list = host.firmware and host.firmware() or {}
  local found, field, why, about = (want.code and of_code or installed)(want, list, host)
  if found and said.vars then
    if found.by and not found.vars then return nil, "vars", found.by .. " keeps no variables" end
    found.vars = described(said.vars, host)
  end
  return found, field, why, about
end

local function settled(said, machine, host)
  local found, field, why, about = find(said, machine, host)
  if not found then return nil, field, why, about end
  local ok
  ok, field, why = check_store(said, found, host)
  if ok then ok, field, why = check_log(said, found, machine) end
  if not ok then return nil, field, why end
  found.store, found.log = said.store, said.log
  if found.vars and not found.store then
    local bytes = (host.stamp(found.vars.path) or {}).bytes or 0
    found.own = ("vars-%08x.%s"):format(name.hash(("%s %d"):format(found.vars.path, bytes)),
      found.vars.format == "qcow2" and "qcow2" or "fd")
  end
  return found
end

-- Options that say which flash there is, beside ours.
local function hold(machine, problems)
  for _, item in ipairs(machine.items) do
    local args = item.args or {}
    if item.option == "bios" or item.option == "pflash"
       or item.option == "drive" and args["if"] == "pflash"
       or item.option == "machine" and args.pflash0 then
      check.add(problems, item.at, "qemu." .. item.option,
        "machine.firmware says what the machine boots by: one of both")
    end
  end
end

-- Settles which images a machine starts from, `machine.boots`; what is wrong goes to problems.
function firmware.settle(machine, host, problems)
  if machine.firmware == nil then
    if machine.written.firmware then return end
    machine.firmware = by_default(machine)
    if not machine.firmware then return end
    machine.chosen.firmware = machine.windows and windows.WHY_SECURE or nil
  end
  local found, field, why, about = settled(members(machine.firmware), machine, host)
  machine.boots = found
  if found and found.device == "flash" then hold(machine, problems) end
  if not found then
    local place = machine.written.firmware or machine.chosen.firmware and machine.written.windows
    local text = machine.chosen.firmware and ("%s; %s"):format(why, machine.chosen.firmware) or why
    check.add(problems, place or machine.at, "machine.firmware", (field and field .. ": " or "")
      .. text, about)
  elseif found.by then
    machine.notes[#machine.notes + 1] = "firmware: UEFI, by " .. found.by
  end
end

local function flash(plan, node, one, readonly)
  plan:add(qemu.blockdev { driver = "file", ["node-name"] = node .. "-file", filename = one.path,
    ["read-only"] = readonly })
  plan:add(qemu.blockdev { driver = one.format, ["node-name"] = node, file = node .. "-file",
    ["read-only"] = readonly })
end

-- Where the variables lie: with the machine, or where the recipe wants them; those of what is
-- restored once more are thrown away: path, whether it stays
local function place(plan, boots)
  if plan.saved and plan.saved.again then return plan:runtime_file "firmware-vars", false end
  if boots.store then return boots.store, true end
  return plan:state_file(boots.own), plan:is_lasting()
end

-- The machine's own copy of the variables. One that goes on has them in its state (lunik.vm.save),
-- and writes them there when it runs.
local function variables(plan, boots)
  if not boots.vars then return nil end
  local path, keep = place(plan, boots)
  plan:file { kind = "copy", path = path, base = boots.vars.path, keep = keep, of_disk = true }
  if path ~= boots.store then plan:guest_state(path) end
  flash(plan, "firmware-vars", { path = path, format = boots.vars.format })
  return "firmware-vars"
end

-- OvmfPkg's and SeaBIOS's debug port.
local function log(plan, where)
  local path = where == true and plan:log_file "firmware.log" or where
  plan:add(qemu.chardev { "file", id = "firmware-log", path = path, append = true })
  plan:add(qemu.device { "isa-debugcon", iobase = 0x402, chardev = "firmware-log" })
end

-- An image that nobody has settled is what lunik.import has found to be one for -bios.
function firmware.emit(plan, machine, value)
  local code = type(value) == "string" and value:find "^/" and { path = value }
  local boots = machine.boots or code and { device = "memory", code = code }
  if not boots then return end
  if boots.device == "memory" then
    plan:add(qemu.bios { boots.code.path })
  elseif boots.device == "flash" then
    flash(plan, "firmware", boots.code, true)
    plan:add(qemu.machine { pflash0 = "firmware", pflash1 = variables(plan, boots),
      smm = boots.smm or nil })
    if boots.smm then
      plan:add(qemu.global { driver = "cfi.pflash01", property = "secure", value = "on" })
    end
  end
  if boots.log then log(plan, boots.log) end
end

return firmware
