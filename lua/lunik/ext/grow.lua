-- SPDX-License-Identifier: MIT
-- Grows the guest's memory while it runs short, and shrinks it when it has plenty, between what
-- the machine begins with and what hotplug { memory = … } allows:
--   grow { step = "256M", every = "5s", short = 20, plenty = 50 }   -- per cent available
-- By virtio-mem; where that cannot be, by memory modules, which only come; where there is no room,
-- by the machine's balloon, between `least` and its memory.
local more = require "lunik.device.memory.more"

local GUEST = { "cat", "/proc/meminfo" }

local function bytes(make, name, value)
  local size, why = make.kind.size.read(value)
  return size or error(("%s: grow.%s: %s"):format(make.at, name, why), 0)
end

-- Per cent of the guest's memory that is available | nil, why
local function available(vm)
  local status, text, err = vm:exec { seconds = 10, table.unpack(GUEST) }
  if status ~= 0 then return nil, err or text end
  local total, free = text:match "MemTotal:%s+(%d+)", text:match "MemAvailable:%s+(%d+)"
  if not total or not free then return nil, "/proc/meminfo says nothing of it" end
  return 100 * free / total
end

-- Ways of giving and taking: start(vm, room), then more(vm, step) and less(vm, step), which return
-- true | nil, why.
local ways = {}

function ways.virtio(vm, room)
  local self = { now = 0, room = room }
  local known = vm:device "grow"     -- a supervisor before this one has plugged it
  if not known then
    local device, why = vm:plug("memory", { kind = "virtio-mem", id = "grow",
      size = { bytes = room }, requested = { bytes = 2 << 20 } })
    if not device then return nil, why end
  end
  local function set(size)
    local ok, reason = vm:qmp("qom-set", { path = "/machine/peripheral/grow",
      property = "requested-size", value = size })
    if not ok then return nil, reason end
    self.now = size
    return true
  end
  function self.more(step)
    local ok, reason = set(math.min(room, self.now + step))
    if ok then vm:exec { "sh", "-c", more.online, seconds = 10 } end
    return ok, reason
  end
  function self.less(step) return set(math.max(0, self.now - step)) end
  if known then
    self.now = vm:qmp("qom-get", { path = "/machine/peripheral/grow",
                                   property = "requested-size" }) or 0
  else
    set(0)
  end
  return self
end

function ways.modules(vm, room)
  local self = { now = 0, room = room }
  function self.more(step)
    local device, why = vm:plug("memory", { size = { bytes = step } })
    self.now = self.now + (device and step or 0)
    return device, why
  end
  function self.less() return true end
  return self
end

-- The way of a balloon: it gives back what it took, and takes it again.
function ways.balloon(vm, least)
  local most = vm.facts.memory
  local self = { now = 0, room = most - least }
  local function set(given)
    local ok, why = vm:qmp("balloon", { value = least + given })
    if not ok then return nil, why end
    self.now = given
    return true
  end
  function self.more(step) return set(math.min(self.room, self.now + step)) end
  function self.less(step) return set(math.max(0, self.now - step)) end
  local ok, why = set(0)
  if not ok then return nil, why end
  return self
end

-- What this machine has: virtio-mem, else modules, where there is room; else its balloon.
local function choose(vm, least)
  local room = (vm.facts.memory_limit or 0) - vm.facts.memory
  if room <= 0 then
    local way, why = ways.balloon(vm, least)
    return way, why and why .. "; hotplug { memory = … } makes room for more"
  end
  local way, why = ways.virtio(vm, room)
  if way then return way end
  vm:tell("problem", "grow: by memory modules, which only come: " .. why)
  return ways.modules(vm, room)
end

return function(make, options)
  options = options or {}
  local step, least = bytes(make, "step", options.step or "256M"),
                      bytes(make, "least", options.least or "256M")
  local short, plenty = options.short or 20, options.plenty or 50
  local way

  local function begin(vm)
    local why
    way, why = choose(vm, least)
    if way then return true end
    vm:tell("problem", "grow: " .. why)
    way = false
  end

  local function look(vm)
    if way == false or not vm:is_now_ready() or not way and not begin(vm) then return end
    local per_cent, why = available(vm)
    local ok = per_cent
    if per_cent and per_cent < short and way.now < way.room then
      ok, why = way.more(step)
    elseif per_cent and per_cent > plenty and way.now > 0 then
      ok, why = way.less(step)
    end
    if not ok then vm:tell("problem", "grow: " .. tostring(why)) end
  end

  return make.every(options.every or 5, look)
end
