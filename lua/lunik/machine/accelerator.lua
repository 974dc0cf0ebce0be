-- SPDX-License-Identifier: MIT
-- What runs the guest's code: the field `accel`, or QEMU's own options that say it, which stand in
-- its place: QEMU takes no -accel beside -enable-kvm and accel= of -machine, and of several -accel
-- the first that it can have.
local fit = require "lunik.machine.fit"
local qemu = require "lunik.qemu"

local accelerator = {}

-- The names that an option asks for, in the order in which QEMU tries them, by its arguments as
-- they were written, which may be anything.
local asks = {}

asks["qemu.accel"] = function(args) return { args[1] } end
asks["qemu.enable-kvm"] = function() return { "kvm" } end

asks["qemu.machine"] = function(args)
  local list, said = {}, args.accel
  for name in (type(said) == "string" and said or ""):gmatch "[^:]+" do list[#list + 1] = name end
  return list
end

-- The accelerators that items of a draft (lunik.machine.compose) ask for: a list of names.
function accelerator.asked(draft)
  local list = {}
  for _, entry in ipairs(draft.items) do
    local option = entry.word:gsub("_", "-")
    local names = asks[option] and asks[option](entry.fields) or {}
    for _, name in ipairs(names) do
      list[#list + 1] = type(name) == "string" and name or nil
    end
  end
  return list
end

-- The first of those that are asked for which this host can have | nil
local function first(values, host)
  local asked = values.asked_accel
  for _, name in ipairs(asked) do
    if name ~= "kvm" or #asked == 1 or not fit.kvm(values, host) then return name end
  end
  return asked[1]
end

-- Chooses what the recipe asks for, else KVM where it works, else TCG: the name, and a note that
-- says why.
function accelerator.choose(values, host)
  local named = first(values, host)
  if named then return named end
  local same = values.arch == host.arch or values.arch == "i386" and host.arch == "x86_64"
  if not same then
    return "tcg", ("accel: tcg: the guest is %s, this host %s"):format(values.arch, host.arch)
  end
  local works, why = host.kvm()
  if works then return "kvm", "accel: kvm" end
  return "tcg", "accel: tcg: " .. why
end

-- Why the field cannot be what it is | nil
function accelerator.check(values, host)
  return values.accel == "kvm" and fit.kvm(values, host) or nil
end

-- Whether an option of the recipe's stands for the field: where that says nothing, any does; else
-- the first, where it says the same, with more. A field that is tried by itself (lunik.import) is
-- of no recipe.
local function is_said(machine, value)
  local name = machine.asked_accel and machine.asked_accel[1]
  return name ~= nil and (not machine.written.accel or name == value)
end

-- TCG keeps what it has translated; whoever counts the memory of a machine bounds that.
local function bound(name, machine) return name == "tcg" and machine.tb_size or nil end

function accelerator.emit(plan, machine, value)
  if is_said(machine, value) then return end
  plan:add(qemu.accel { value, ["tb-size"] = bound(value, machine) })
end

-- Bounds an option of the recipe's that does not say it.
function accelerator.merge(item, machine)
  local args = item.args
  args["tb-size"] = args["tb-size"] or args.tb_size or bound(args[1], machine)
  args.tb_size = nil
  return false
end

-- Whether the recipe asks for KVM, and for nothing in its place.
function accelerator.is_kvm(machine)
  if machine.accel ~= "kvm" then return false end
  return machine.written.accel ~= nil or #machine.asked_accel == 1
end

return accelerator
