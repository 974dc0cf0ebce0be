-- SPDX-License-Identifier: MIT
-- From a machine to a plan: everything that carrying it out will do, as data. Nothing is touched
-- here, the machine neither, of which there may be other plans; launch reads nothing else. Devices
-- write onto the plan through the methods below.
--   argv, control   entries for core.argv.render; control is what lunik adds to hold
--                   the machine (monitors, sandbox, paused start)
--   descriptors     what QEMU inherits, as 3, 4, 5 … in this order
--   paused gdb      whether it stays paused, and the line that starts a debugger
--   sandboxed       whether QEMU has lunik's seccomp filter
--   cwd             the folder that QEMU runs in | nil: lunik's
--   told            what whoever starts it hears at once; it is among the notes too
--   template        the folder that it is saved in once it is prepared (lunik.plan.template) | nil
--   seed           what cloud-init's is made of, secrets too: nothing prints it
--   credentials    the same of those for systemd
--   shares         what the guest can mount of an item, by the item
--   files helpers qmp forwards guest console logs ready stop notes lacks
local budget = require "lunik.schema.budget"
local check = require "lunik.schema.check"
local control = require "lunik.plan.control"
local core = require "lunik.core"
local credential = require "lunik.plan.credential"
local data = require "lunik.plan.data"
local going_on = require "lunik.plan.going_on"
local hold = require "lunik.plan.hold"
local need = require "lunik.machine.need"
local origin = require "lunik.plan.origin"
local planned = require "lunik.plan.hook"
local ports = require "lunik.plan.ports"
local qemu = require "lunik.qemu"
local scalar = require "lunik.machine.scalar"
local templates = require "lunik.plan.template"
local unseen = require "lunik.plan.unseen"
local write = require "lunik.qemu.write"

local plan = {}
plan.__index = plan

-- Adds an entry for core.argv.render. It comes from what emits now, or from its `cause`
-- (lunik.plan.origin).
function plan:add(entry, cause)
  if type(entry) == "table" then entry.item, entry.field = self.item, self.field end
  table.insert(self.sink, entry)
  self.origins[self.sink][#self.sink] = origin.of(self.machine, self.origin, cause)
end

-- Adds an option of the recipe's, or of a hook's; what no command line can say is a problem.
function plan:option(one)
  local entry, why = qemu.entry(one.option, one.args, one.props)
  if entry then return self:add(entry) end
  check.add(self.problems, one.at, "qemu." .. one.option, why)
end

function plan:descriptor(row) table.insert(self.descriptors, row) end
function plan:file(row) table.insert(self.files, row) end
function plan:has_disk(row) table.insert(self.disks, row) end   -- `passing`: goes with the machine
function plan:forward(row) table.insert(self.forwards, row) end
-- What the guest's systemd is given: name, and text or file.
function plan:credential(row)
  table.insert(self.credentials, row)
  self.origins[row] = self.origin
end
function plan:user_network(id) table.insert(self.networks, id) end
function plan:note(text) table.insert(self.notes, text) end
-- What a guest can mount: tag, type, from, readonly; where it has a place there (`to`), it is
-- mounted when the guest has booted.
function plan:share(row)
  if row.to then table.insert(self.guest.mounts, row) end
  if not self.item then return end
  self.shares[self.item] = row
  for _, device in ipairs(self.devices) do
    if device.item == self.item then return end
  end
  -- one that is no device of QEMU's is listed, and can be unmounted, all the same
  table.insert(self.devices, { id = "mount-" .. row.tag, family = "mount", label = row.tag,
                               item = self.item, remove = {} })
end

function plan:guest_agent(row) self.guest.agent = row end
function plan:guest_ssh(row) self.guest.ssh = row end
function plan:has_console(row) self.console = row end
-- What the guest keeps beside its disk: it goes when that is made anew.
function plan:guest_state(path) table.insert(self.guest.state, path) end
-- Whether the disk of the guest's system outlives a run, and so what the guest keeps beside it.
function plan:is_lasting() return self.lasting end
function plan:runtime_file(name) return self.runtime .. "/" .. name end
function plan:state_file(name) return self.state .. "/" .. name end
-- The path of a log: it goes with the machine, or stays where the machine has a supervisor.
function plan:log_file(name)
  return (self.kept and self.state or self.runtime) .. "/" .. name
end
function plan:needed(name) return self.needs[name] end

-- A backend on a socket that QEMU is handed already listening: its path.
function plan:listening(name, file)
  local path = self:runtime_file(file)
  self:descriptor { name = name, kind = "listen", path = path }
  self:add(qemu.chardev { "socket", id = name,
    path = qemu.descriptor(name, { "path", path, "server", true, "wait", false },
      { "fd", "%d", "server", true, "wait", false }) })
  return path
end

-- Where gdb reaches the guest: the line to type is the plan's.
function plan:debugger(address)
  self.gdb = core.argv.shell { "gdb", "vmlinux", "-ex", "target remote " .. address }
  self:note("it waits for gdb: " .. self.gdb)
end

function plan:helper(row)
  table.insert(self.helpers, row)
  return row
end

-- The next free id with this stem: "serial0", "serial1", …
function plan:id(stem)
  local count = self.counts[stem] or 0
  self.counts[stem] = count + 1
  return stem .. count
end

function plan:has_port(row) table.insert(self.ports, row) end

-- Takes the port of a boot mount; `need` has emitted as many as are asked for.
function plan:port(id, family, label)
  local port = ports.take(self.ports, id, family, label, true)
  table.insert(self.devices, { id = id, family = family, label = label, port = port.name,
                               item = self.item, remove = {} })
  return port
end

-- What the guest has to do about a device that comes (lunik.hotplug.sketch). One of the start is
-- there when the guest looks, so nothing is planned for it.
function plan.in_guest() end

-- The place of any other device: none given, QEMU chooses it at the start.
function plan.place() return {} end

-- Finds a program that a helper runs. One that is not there is a lack of this host: the plan can
-- still be shown, not carried out.
function plan:program(name)
  local found, why = self.host[name]()
  if found then return found end
  self:lack(why)
  return { path = name, make = "rust" }
end

function plan:lack(why)
  for _, lack in ipairs(self.lacks) do
    if lack.why == why then return end
  end
  check.add(self.lacks, self.item and self.item.at, self.item and self.item.family, why, "host")
end

-- Where QEMU has to run for the paths that stay as they were written, and for raw words.
local function folder_of(machine)
  if not machine.defaults then return machine.dir end
  for _, one in ipairs(machine.items) do
    if one.raw then return machine.dir end
  end
end

local function stays_paused(machine) return machine.paused or machine.gdb and true or false end

local function new(machine, host, kept, saved, template)
  local argv, held = {}, {}
  return setmetatable({
    kept = kept or false, saved = saved, template = template, memory = machine.memory,
    name = machine.name,
    arch = machine.arch, host = host, needs = machine.needs, board = machine.type,
    counts = {}, ports = {}, devices = {}, problems = {}, dir = machine.dir,
    cwd = folder_of(machine), sandboxed = machine.sandbox, machine = machine,
    runtime = host.runtime .. "/" .. machine.name, state = host.state .. "/" .. machine.name,
    argv = argv, control = held, origins = { [argv] = {}, [held] = {} }, descriptors = {},
    files = {}, helpers = {}, qmp = {}, forwards = {}, networks = {}, credentials = {}, disks = {},
    shares = {}, guest = { mounts = {}, state = {} }, lasting = going_on.lasting(machine, saved),
    signs = machine.signs, paused = stays_paused(machine),
    life = machine.life, on_host_shutdown = machine.on_host_shutdown,
    notes = { table.unpack(machine.notes) }, lacks = { table.unpack(machine.lacks or {}) },
  }, plan)
end

local function binary(self, machine, host)
  local name = machine.qemu or "qemu-system-" .. machine.arch
  local path = host.program(name)
  if not path then
    self.lacks[#self.lacks + 1] = { at = machine.at,
      why = ("no QEMU found: %s is not in PATH"):format(name),
      about = "host" }
  end
  return path or name
end

local function scalars(self, machine)
  if machine.defaults then
    self.origin = origin.NO_DEFAULTS
    self:add(qemu["no-user-config"]())
    self:add(qemu.nodefaults())
  end
  for _, row in ipairs(scalar) do
    local value = machine[row.name]
    if row.emit and (value ~= nil or row.emits_without) then
      self.origin, self.field = origin.field(machine, row), row.name
      row.emit(self, machine, value)
    end
  end
  self.field = nil
end

-- Notes what may hold paths that nobody has looked at, and where they begin.
local function unread(self, one)
  if not one.raw and not qemu.rows[one.option].unread then return end
  self:note(("%s: %s is not looked into: a path in it begins at %s"):format(check.place(one.at),
    one.raw and "raw" or ("qemu.%s: %s"):format(one.option, one.args[1]), self.dir))
end

local function devices(self, machine)
  for _, row in ipairs(need) do
    local much = machine.needs[row.name]
    if much and row.emit then
      self.origin = origin.need(machine, row)
      row.emit(self, much)
    end
  end
  for _, one in ipairs(machine.items) do
    self.item, self.origin = one, { item = one }
    budget.at(one.at)
    if one.row then
      if one.row.emit and not going_on.comes(self.saved, one) then one.row.emit(self, one) end
    else
      unread(self, one)
      if one.option then self:option(one) end
      for _, word in ipairs(one.raw or {}) do self:add(word) end
    end
  end
  for _, one in ipairs(machine.items) do
    self.item, self.origin = one, { item = one }
    if one.row and one.row.emit_last then one.row.emit_last(self, one) end
  end
  self.item = nil
end

-- Writes all devices as JSON where one of them cannot be said as key=value.
local function one_form(self)
  local places, json = {}, false
  for i, entry in ipairs(self.argv) do
    if type(entry) == "table" and entry.row and entry.row.name == "device" then
      places[#places + 1] = i
      json = json or entry.verbatim ~= nil
    end
  end
  for _, i in ipairs(json and places or {}) do
    local entry = self.argv[i]
    local changed, why = write.in_json(entry)
    if not changed then
      local item = entry.item or {}
      check.add(self.problems, item.at, item.family or "qemu.device", why)
    end
    self.argv[i] = changed or entry
  end
end

-- machine -> plan, or nil and problems: what `plan` hooks raised. `host` is as in lunik.host;
-- `kept` says that logs outlive the machine; `saved` is what it goes on from (lunik.vm.save.read);
-- `template` is where it is to be saved as one.
function plan.build(machine, host, kept, saved, template)
  if saved then machine = going_on.machine(machine, saved) end
  if template then machine = templates.machine(machine) end
  local self = new(machine, host, kept, saved, template)
  self.sink = self.argv
  self.binary, self.origins.program = binary(self, machine, host), origin.program(machine)
  scalars(self, machine)
  devices(self, machine)
  credential.add(self, machine)
  planned.run(self, machine)
  local asked = saved and saved.fork or not saved and templates.asked(machine)
  if asked then require "lunik.plan.fork".check(self, machine, asked) end
  if saved or machine.lock then require "lunik.plan.lock".apply(self, machine) end
  one_form(self)
  self.fixed = data.fixed(self)
  data.unpluggable(self)
  control(self, machine)
  if #self.problems > 0 then return nil, self.problems end
  hold.together(self)
  if self.sandboxed then hold.in_sandbox(self) end
  self.problems, self.told = nil, unseen.told(self)
  for _, text in ipairs(self.told) do self:note(text) end
  return self
end

plan.command, plan.data = data.command, data.of

-- Where the options of its live command line come from (lunik.plan.places).
function plan.places(self) return require "lunik.plan.places"(self) end

return plan
