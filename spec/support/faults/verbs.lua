-- The verbs of a soak (support.faults.soak), and what each takes of the machine `m` first.
local core = require "lunik.core"

local KILL, PATIENCE = 9, 90

-- Makes room for a device to come.
local function room(self)
  for _, port in ipairs(self.home:json("slots", "m", "--json").slots) do
    if port.state == "free" and not port.boot then return end
  end
  self.home:does("unplug", "m", self.home:json("slots", "m", "--json").slots[2].id)
end

-- The hot devices of a family, by tag or id.
local function there(self, family)
  local found = {}
  for _, one in ipairs(self.home:json("slots", "m", "--json").slots) do
    if one.family == family and not one.boot then found[#found + 1] = one.label end
  end
  return found
end

local function absent(self, family, all)
  local seen = {}
  if family == "mount" then
    for _, one in ipairs(self.home:json("mounts", "m", "--json").mounts) do
      if one.state ~= "dead" then seen[one.tag] = true end
    end
  else
    for _, each in ipairs(there(self, family)) do seen[each] = true end
  end
  for _, each in ipairs(all) do
    if not seen[each] then return each end
  end
end

local SHARE_TAGS, DISK_IDS = { "share1", "share2", "share3" }, { "d1", "d2" }

local function a_mount(self)
  local tag = absent(self, "mount", SHARE_TAGS)
  return tag and { "mount", "m", self.home.dir .. "/" .. tag, "--to", "/" .. tag }
end

local function a_disk(self)
  local id = absent(self, "disk", DISK_IDS)
  return id and { "plug", "m", "disk", "id=" .. id, "format=raw",
                  ("file=%s/%s"):format(self.home.dir, id) }
end

-- One of a family that can go, brought there if there is none.
local function one_there(self, family, come)
  if not there(self, family)[1] then
    room(self)
    self.home:does(table.unpack(come(self)))
  end
  return there(self, family)[1]
end

local function kill_supervisor(self)
  local pid = self.home:json("status", "m", "--json").supervisor.pid
  local proc <close> = core.proc.open(pid)
  proc:signal(KILL)
  proc:wait(PATIENCE)
end

-- The verbs: in which state they are at home, how many milliseconds they take here, and their
-- arguments, which bring the machine where it has to be.
return {
  { "up", "down", 2500, function(self) return { "up", self.recipe } end },
  { "run", "down", 2500, function(self) return { "run", self.recipe } end },
  { "mount", "running", 250, function(self)
    room(self)
    return a_mount(self)
  end },
  { "unmount", "running", 250, function(self)
    return { "unmount", "m", one_there(self, "mount", a_mount) }
  end },
  { "plug", "running", 150, function(self)
    room(self)
    return a_disk(self)
  end },
  { "unplug", "running", 250, function(self)
    return { "unplug", "m", one_there(self, "disk", a_disk) }
  end },
  { "down", "running", 1500, function() return { "down", "m" } end },
  { "down --force", "running", 300, function() return { "down", "--force", "m" } end },
  { "adopt", "running", 400, function(self)
    kill_supervisor(self)
    return { "adopt", "m" }
  end },
  { "restart", "running", 3500, function() return { "restart", "--force", "m" } end },
}
