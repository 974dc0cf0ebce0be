-- SPDX-License-Identifier: MIT
-- `lunik rm`: forgets machines that have ended: what is remembered of them, their logs, the
-- overlays they threw away. What a user wanted kept goes with --all alone, by its name: overlays,
-- and what guests keep beside their disks (lunik.store.guest_state).
local attached = require "lunik.cli.attached"
local clones = require "lunik.supervisor.clones"
local core = require "lunik.core"
local exit = require "lunik.exit"
local guest_state = require "lunik.store.guest_state"
local holder = require "lunik.process.holder"
local launch = require "lunik.launch"
local loop = require "lunik.async.loop"
local machines = require "lunik.supervisor.machines"
local overlays = require "lunik.store.overlays"
local printable = require "lunik.text.printable"
local shown = require "lunik.cli.shown"
local size_of = require "lunik.saved.size"
local templates = require "lunik.supervisor.templates"

local rm = { name = "rm", summary = "forget machines that have ended" }
rm.example = "lunik rm --older 30d"
rm.more = { "lunik rm dev --all --json" }

function rm.args(command)
  command:argument("machine", "names or recipes"):args "*"
  command:option("--older", "all that ended longer ago than that, such as 30d"):argname "AGE"
  command:flag("--all", "what they have kept, too: overlays, what was saved of them, what firmware "
    .. "and TPM keep")
  command:flag("--json", "as JSON")
end

local HAS_ENDED = { down = true, gone = true }

-- Those that only lunik down can do something about have advice of their own.
local RUNS = { up = true, starting = true, foreground = true, busy = true, unsupervised = true,
               lost = true }

-- How a machine is, if it has ended | nil, why
local function ended(l, name)
  local how, record, vm = machines.look(name, l)
  if vm then vm:close() end
  if HAS_ENDED[how] then return how end
  if RUNS[how] then return nil, ("machine '%s' runs: lunik down %s first"):format(name, name) end
  return nil, machines.advice(name, how, record)
end

local function told(self, name, text)
  if not self.args.json then self.err:write(name, ": ", text, "\n") end
end

local function described(one)
  return ("%s %s (%s)"):format(one.what or "overlay", printable(one.path), shown.size(one.size))
end

-- Why an overlay cannot be removed | nil
local function in_the_way(overlay)
  if overlay.what then return nil end
  if overlay.why then return ("%s %s"):format(printable(overlay.path), overlay.why) end
  local one = holder.file(overlay.path)
  return one and ("%s is in use (pid %d)"):format(described(overlay), one.pid)
end

-- Removes all of them, or none: true | nil, why
local function remove(self, name, list)
  for _, overlay in ipairs(list) do
    local why = in_the_way(overlay)
    if why then return nil, why end
  end
  for _, overlay in ipairs(list) do
    told(self, name, "removing " .. described(overlay))
    local ok, why = (overlay.what and guest_state or overlays).remove(overlay.path)
    if not ok then return nil, why end
    overlay.removed = true
  end
  return true
end

-- Removes the folders that clones of a machine stood on, or none of them where one does still:
-- true | nil, why
local function remove_clones(self, name)
  local places = clones.places(name)
  for _, path in ipairs(places) do
    local on = clones.on(path)
    if on[1] then
      return nil, ("machines stand on what '%s' keeps for its clones: %s"):format(name,
        table.concat(on, ", "))
    end
  end
  for _, path in ipairs(places) do
    local size = size_of(path)
    local ok, why, code = clones.collect(path)
    if code == "busy" then return nil, ("%s: %s"):format(printable(path), why) end
    if ok then
      told(self, name, ("removing what its clones stood on, %s (%s)"):format(printable(path),
        shown.size(size)))
    end
  end
  return true
end

-- Removes a template with all that was saved of it: no overlays | nil, why
local function forget_template(l, name)
  local on = templates.standing()[templates.folder(name)]
  if on then return nil, ("machines stand on '%s': %s"):format(name, table.concat(on, ", ")) end
  local ok, why = templates.remove(l, name)
  return ok and {}, why
end

-- Forgets one: what became of its overlays, and of what its guest keeps | nil, why
local function forget(self, l, name)
  local how, why = ended(l, name)
  if not how then return nil, why end
  if templates.is(name) then return forget_template(l, name) end
  local list = {}
  local ok
  ok, why = launch.forget({ name = name, runtime = machines.runtime(name),
                            state = machines.state(name) }, l,
    function(kind, text) if kind == "problem" then told(self, name, text) end end,
    function()
      local gone, standing = remove_clones(self, name)
      if not gone then return nil, standing end
      for _, path in ipairs(overlays.read(machines.state(name))) do
        list[#list + 1] = overlays.look(path)
      end
      local theirs = guest_state.list(machines.state(name))
      table.move(theirs, 1, #theirs, #list + 1, list)
      if not self.args.all then return true end
      return remove(self, name, list)
    end)
  if not ok then return nil, why end
  return list
end

local function as_data(name, list, why)
  local kept, theirs = core.json.array {}, core.json.array {}
  for _, one in ipairs(list or {}) do
    table.insert(one.what and theirs or kept, { path = printable(one.path), what = one.what,
      size = one.size, removed = one.removed or false })
  end
  return { name = name, removed = list ~= nil, why = why, overlays = kept,
           guest_state = theirs[1] and theirs or nil }
end

local function each(self, l, argument)
  local name, why = machines.trace(argument)
  local list
  if name then list, why = forget(self, l, name) end
  self.done[#self.done + 1] = as_data(name or printable(argument), list, why)
  if not list then
    self.failed[#self.failed + 1] = why
    return
  end
  for _, overlay in ipairs(list) do
    if not overlay.removed then told(self, name, described(overlay) .. " stays") end
  end
  told(self, name, "removed")
end

-- The names of those that ended so many seconds ago, or before.
local function older(l, seconds)
  local list, now = {}, os.time()
  for _, name in ipairs(machines.known()) do
    local before = ended(l, name) and machines.remembered(name)
    local template = before and templates.read(name)
    local at = template and template.used
               or before and (before.ended and before.ended.at or before.began)
    if at and now - at >= seconds then list[#list + 1] = name end
  end
  return list
end

local function work(self, l, seconds)
  local list = seconds and older(l, seconds) or self.args.machine
  if #list == 0 then told(self, "lunik", "no machine has ended so long ago") end
  for _, argument in ipairs(list) do each(self, l, argument) end
  if self.args.json then
    self.out:write(core.json.encode { lunik = 1, machines = core.json.array(self.done) }, "\n")
  end
  if #self.failed == 0 then return exit.ok end
  return nil, table.concat(self.failed, "\n"), exit.problems
end

function rm.run(args, out, err)
  local seconds, why, code = attached.seconds(args, "older")
  if seconds == false then return nil, why, code end
  if (seconds == nil) == (#args.machine == 0) then
    return nil, "names of machines or --older AGE expected, one of them", exit.usage
  end
  local self = { args = args, out = out, err = err, done = {}, failed = {} }
  local l <close> = loop.new()
  return l:run(work, self, l, seconds)
end

return rm
