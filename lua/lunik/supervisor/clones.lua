-- SPDX-License-Identifier: MIT
-- What clones of a machine that runs on stand on: a folder in its state directory (lunik.vm.fork),
-- which is there as long as one of them runs, or whoever starts them holds it.
local core = require "lunik.core"
local directory = require "lunik.store.directory"
local draft = require "lunik.saved.draft"
local errno = require "posix.errno"
local folder = require "lunik.saved.folder"
local host = require "lunik.host"
local layout = require "lunik.saved.layout"
local machines = require "lunik.supervisor.machines"
local snapshot = require "lunik.recipe.snapshot"
local unistd = require "posix.unistd"

local clones = {}

local function random()
  local source <close> = assert(io.open("/dev/urandom", "rb"))
  return (source:read(6):gsub(".", function(c) return ("%02x"):format(c:byte()) end))
end

-- Where clones of a machine can start from: a path at which nothing is.
function clones.place(name) return ("%s/forked-%s"):format(machines.state(name), random()) end

-- Whether a path is one of those.
function clones.is_place(path)
  local name = layout.base(path)
  return layout.forked(name) == name
    and directory.parent(directory.parent(path)) == host.state
end

-- The names of the machines that stand on what is saved at a path.
function clones.on(path)
  local list = {}
  for _, name in ipairs(machines.present()) do
    local kept = snapshot.of_directory(machines.runtime(name))
    local saved = kept and kept.plan.saved
    if type(saved) == "table" and saved.dir == path then list[#list + 1] = name end
  end
  return list
end

local function lock_of(path) return path .. ".lock" end

-- Keeps others from removing a folder while clones are started: a lock, to be closed | nil, why
function clones.hold(path) return core.lock.take(lock_of(path)) end

-- Removes a folder that nobody stands on, and nobody holds, with what is left of one that was never
-- finished: true | nil, why, and "busy" where somebody does
function clones.collect(path)
  local lock, why, code = core.lock.take(lock_of(path))
  if not lock then
    if code ~= errno.EWOULDBLOCK then return nil, why end
    return nil, "clones of it are just being started", "busy"
  end
  local names = clones.on(path)
  local ok = false
  if #names == 0 then
    draft.clean(path)
    local opened = folder.open(path)
    ok = opened and opened:remove() or not host.kind(path)
  end
  if ok then unistd.unlink(lock_of(path)) end
  lock:close()
  if ok then return true end
  local who = table.concat(names, ", ") .. (#names > 1 and " stand on it" or " stands on it")
  if #names > 0 then return nil, who, "busy" end
  return nil, "it is no saved machine"
end

-- The folders of a machine, those included that were never finished.
function clones.places(name)
  local list, seen = {}, {}
  for _, entry in ipairs(host.list(machines.state(name))) do
    local place = layout.forked(entry)
    if place and not seen[place] then
      seen[place] = true
      list[#list + 1] = machines.state(name) .. "/" .. place
    end
  end
  return list
end

-- Removes all of a machine's that nobody needs; tell(text) hears of what stays, and why.
function clones.tidy(name, tell)
  for _, path in ipairs(clones.places(name)) do
    local ok, why = clones.collect(path)
    if not ok and tell then tell(("%s stays: %s"):format(path, why)) end
  end
end

-- The same once a machine has ended, and what it stood on.
function clones.leave(plan, tell)
  clones.tidy(plan.name, tell)
  if plan.saved and clones.is_place(plan.saved.dir) then clones.collect(plan.saved.dir) end
end

return clones
