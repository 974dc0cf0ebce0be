-- SPDX-License-Identifier: MIT
-- Asks a QEMU what it knows, in a process of its own that runs no machine. Some types end it
-- when they are looked at (microvm, colo-compare): those stay unknown, and another QEMU is
-- asked for the rest.
local core = require "lunik.core"
local signal = require "lunik.system.signal"

local patience = 3      -- seconds for one answer
local LARGEST = 65536   -- bytes of a list

local session = {}
session.__index = session

local function stop(self)
  if self.qmp then self.qmp:close() end
  self.process:signal(signal.KILL)
  self.process:wait(patience)
  self.process:close()
end
session.__close = stop

local argv = { "-machine", "none", "-nodefaults", "-no-user-config", "-S", "-display", "none",
  "-chardev", "socket,id=ask,fd=3", "-mon", "chardev=ask,mode=control" }

-- A QEMU that answers, or nil and why not.
local function start(path, memory)
  local ours, theirs = core.chan.pair()
  local process, why = core.proc.spawn { argv = { path, table.unpack(argv) }, env = {},
    fds = { [3] = theirs:fd() }, cwd = "/", pdeathsig = signal.KILL }
  theirs:close()
  if not process then
    ours:close()
    return nil, why
  end
  local self = setmetatable({ process = process, memory = memory }, session)
  self.qmp = assert(core.qmp.open(ours))
  local greeting
  greeting, why = self.qmp:handshake(patience)
  if greeting then return self end
  stop(self)
  return nil, ("%s: %s"):format(path, why)
end

-- What QEMU returned | nil, its error class, or an errno when it is no more.
function session:ask(command, arguments)
  local value, _, code = self.qmp:exec(command, arguments, patience)
  return value, code
end

-- PCI's addr takes a number for another thing than the text of that number.
local function type_of(property)
  local slot = (property.description or ""):find "^Slot and optional function"
  return slot and "slot" or property.type
end

-- Property -> type | nil: unknown, false: no such | nil, errno: QEMU has ended.
function session:properties(command, name)
  local list, code = self:ask(command, { typename = name })
  if not list then
    if code == "DeviceNotFound" then return false end
    return nil, math.type(code) and code
  end
  local out = {}
  for _, property in ipairs(list) do
    -- QOM's own: the type's name, and parts that are objects
    if property.name ~= "type" and not property.type:find "^child<" then
      out[property.name] = type_of(property)
    end
  end
  return out
end

-- The drivers that a user can make, and the type behind each alias.
function session:devices()
  local memory = self.memory
  if not memory.devices then
    local text, code = self:ask("human-monitor-command", { ["command-line"] = "info qdm" })
    if not text then return nil, code end
    memory.devices, memory.aliases = {}, {}
    for name, rest in text:gmatch 'name "([^"]+)"([^\n]*)' do
      local alias = rest:match ', alias "([^"]+)"'
      if alias then memory.aliases[alias] = name end
      if not rest:find ", no%-user" then table.insert(memory.devices, name) end
    end
    table.sort(memory.devices)
  end
  return memory.devices
end

function session:machines()
  local memory = self.memory
  if not memory.machines then
    local list, code = self:ask "query-machines"
    if not list then return nil, code end
    memory.machines, memory.boards = {}, {}
    for _, machine in ipairs(list) do
      for _, name in ipairs { machine.name, machine.alias } do
        table.insert(memory.machines, name)
        memory.boards[name] = machine.name
      end
    end
    table.sort(memory.machines)
  end
  return memory.machines
end

function session:objects()
  local memory = self.memory
  if not memory.objects then
    local list, code = self:ask("qom-list-types", { implements = "user-creatable",
      abstract = false })
    if not list then return nil, code end
    memory.objects = {}
    for i, object in ipairs(list) do memory.objects[i] = object.name end
    table.sort(memory.objects)
  end
  return memory.objects
end

-- What QEMU writes for `-display help`: no command tells which modules are installed.
local function help(path)
  local ours, theirs = core.chan.pair()
  local process <close>, why = core.proc.spawn { argv = { path, "-display", "help" }, env = {},
    fds = { [1] = theirs:fd() }, cwd = "/", pdeathsig = signal.KILL }
  theirs:close()
  local text, bytes = "", process and ""
  while bytes and #text < LARGEST do
    text = text .. bytes
    bytes, why = ours:read(4096, nil, patience)
  end
  ours:close()
  if process and not process:wait(0) then process:signal(signal.KILL) end
  if process then process:wait(patience) end
  return text, why
end

-- The ways to show a screen.
function session:displays()
  local memory = self.memory
  if not memory.displays then
    memory.displays = {}
    for name in help(memory.path):gmatch "%f[^\n]([%w-]+)%f[\n]" do
      table.insert(memory.displays, name)
    end
  end
  return memory.displays
end

-- By kind: as `properties`; the names there are stay in memory when one is not there.
local find = {}

function find.device(self, name)
  local known, code = self:properties("device-list-properties", name)
  if known ~= false then return known, code end
  known, code = self:devices()
  if not known then return nil, code end
  local real = self.memory.aliases[name]
  if not real then return false end
  return self:properties("device-list-properties", real)
end

function find.object(self, name)
  local known, code = self:properties("qom-list-properties", name)
  if known ~= false then return known, code end
  known, code = self:objects()
  if not known then return nil, code end
  return false
end

function find.machine(self, name)
  local known, code = self:machines()
  if not known then return nil, code end
  local real = self.memory.boards[name]
  if not real then return false end
  return self:properties("qom-list-properties", real .. "-machine")
end

-- One that QEMU has counts as without properties. A QEMU that lists none cannot tell.
function find.display(self, name)
  local known = self:displays()
  if #known == 0 then return nil end
  for _, each in ipairs(known) do
    if each == name then return {} end
  end
  return false
end

local function names_of(memory)
  return { device = memory.devices, object = memory.objects, machine = memory.machines,
           display = memory.displays }
end

-- questions: { { kind = "device" | "object" | "machine" | "display", name }, … }. Each gets
-- `answer`: a table from property to type, false if there is none, nil if QEMU cannot tell.
-- Returns the names there are, by kind, as far as it had to ask for them | nil, why.
return function(path, questions)
  local memory, following = { path = path }, 1
  while following <= #questions do
    local running <close>, why = start(path, memory)
    if not running then return nil, why end
    local code
    repeat
      local question = questions[following]
      question.answer, code = find[question.kind](running, question[1])
      if code == require "posix.errno".ETIMEDOUT then
        return nil, ("%s: no answer within %d seconds"):format(path, patience)
      end
      following = following + 1
    until code or following > #questions
  end
  return names_of(memory)
end
