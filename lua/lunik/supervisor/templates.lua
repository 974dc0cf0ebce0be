-- SPDX-License-Identifier: MIT
-- The templates of this user: each a machine that was prepared and saved in its own state
-- directory, and beside it what it is made of, which says that it is whole. What stands on one is
-- known by the records of the machines that run; when it was used last, by the time of a file
-- beside it.
local core = require "lunik.core"
local durable = require "lunik.store.durable"
local guest_state = require "lunik.store.guest_state"
local holder = require "lunik.supervisor.holder"
local host = require "lunik.host"
local launch = require "lunik.launch"
local machines = require "lunik.supervisor.machines"
local made_of = require "lunik.supervisor.made_of"
local portable = require "lunik.store.portable"
local records = require "lunik.store.records"
local shape = require "lunik.store.shape"
local stat = require "posix.sys.stat"
local turn = require "lunik.supervisor.turn"

local templates = {}

local WORD = ".template-"
local DIGITS = 8           -- of the key, in a name
local LONGEST = 63         -- bytes of a machine's name
local FORMS = { key = shape.id, recipe = shape.text, of = shape.shown, made = shape.integer,
                keep = shape.integer, parts = made_of.form }

-- Whether a machine of that name would be a template.
local function is_named(name)
  return name:find(WORD, 1, true) ~= nil and name:find("^%x+$", -DIGITS) ~= nil
         and name:sub(-DIGITS - #WORD, -DIGITS - 1) == WORD
end

local function note(name) return machines.state(name) .. "/template.json" end
local function last_use(name) return machines.state(name) .. "/template.used" end

-- What the template is called that a machine of that name has by such a key.
function templates.name(machine, key)
  return machine:sub(1, LONGEST - #WORD - DIGITS) .. WORD .. key:sub(1, DIGITS)
end

-- What tells that somebody makes or removes it (lunik.supervisor.turn).
function templates.turn(name)
  local short = name:sub(-#WORD - DIGITS)
  return { lock = ("%s/%s.lock"):format(host.state, short),
           socket = ("%s/%s.sock"):format(host.runtime, short) }
end

-- The folder that a template of that name is saved in.
function templates.folder(name) return machines.state(name) .. "/saved" end

-- Whether a machine that is called so is, or is to be, a template.
function templates.is(name)
  return is_named(name) and host.kind(note(name)) == "file"
end

-- The template of that name, which is whole: { name, key, recipe, of (the machine), made, keep,
-- parts, used (when it was used last) } | nil
function templates.read(name)
  local object = templates.is(name) and records.object(note(name))
  local found, wrong = shape.read(FORMS, object or {})
  if not object or wrong then return nil end
  for field in pairs(FORMS) do
    if found[field] == nil then return nil end
  end
  if host.kind(templates.folder(name) .. "/machine.json") ~= "file" then return nil end
  local info = stat.lstat(last_use(name))
  found.name, found.used = name, info and info.st_mtime or found.made
  return found
end

-- All of them, by their names.
function templates.all()
  local list = {}
  for _, name in ipairs(machines.known()) do list[#list + 1] = templates.read(name) end
  return list
end

-- Writes down that one is whole: true | nil, why
function templates.write(name, one)
  local parts = core.json.array {}
  for i, part in ipairs(one.parts) do parts[i] = portable.encode(part) end
  return durable.write(note(name), core.json.encode { lunik = 1, key = one.key, of = one.of,
    recipe = portable.text(one.recipe), made = os.time(), keep = math.ceil(one.keep),
    parts = parts } .. "\n")
end

-- It is used now, so it stays for a while: true | nil, why
function templates.touch(name) return records.write(last_use(name), "") end

-- The names of the machines that stand on each template: lists, by the folder.
function templates.standing()
  local out = {}
  for _, name in ipairs(machines.present()) do
    local record = records.read(machines.runtime(name))
    local folder = record and record.stands
    if folder then
      out[folder] = out[folder] or {}
      table.insert(out[folder], name)
    end
  end
  return out
end

-- Removes one, with all that is remembered of its machine, or what a try to make it has left:
-- true | nil, why. In a task of `loop`.
function templates.remove(loop, name)
  if not host.kind(machines.state(name)) then return true end
  local vm = machines.attach(name, loop)
  if vm then
    vm.handle:stop("nobody makes the template any more", "quit")
    vm.handle:wait(30)
    vm:close()
  end
  local record = records.read(machines.runtime(name))
  local ok, why = true, nil
  if record and record.id then
    ok, why = require "lunik.process.orphans".finish(loop, record.id)
  end
  holder.release(templates.folder(name))
  if ok then ok, why = durable.remove(note(name)) end
  if not ok then return nil, why end
  return launch.forget({ name = name, runtime = machines.runtime(name),
                         state = machines.state(name) }, loop, nil, function()
    require "lunik.saved.draft".clean(templates.folder(name))
    return guest_state.remove(templates.folder(name))
  end)
end

-- Whether nobody has any use for it: it is old, or what somebody has left who was to make it.
local function is_over(name)
  local one = templates.read(name)
  if one then
    return os.time() - one.used >= one.keep, "nobody has used it for as long as it is kept"
  end
  local how, _, vm = machines.look(name)
  if vm then vm:close() end
  return how == "down" or how == "gone", "it is not whole"
end

-- Removes one that nobody has any use for, unless somebody is at it: what was done, in words | nil
local function sweep(loop, name)
  local mine <close> = turn.try(templates.turn(name))
  local over, why = is_over(name)
  if not mine or not over then return nil end
  local ok, wrong = templates.remove(loop, name)
  return ok and "removed: " .. why or "it cannot be removed: " .. wrong
end

-- Removes those that nothing stands on and nobody has used for as long as they are kept, and what
-- is left of others; those that something stands on are used. tell(name, text) hears of each.
function templates.sweep(loop, tell)
  local standing
  for _, name in ipairs(machines.known()) do
    if is_named(name) then
      standing = standing or templates.standing()
      if standing[templates.folder(name)] then
        templates.touch(name)
      else
        local done = sweep(loop, name)
        if done then tell(name, done) end
      end
    end
  end
end

return templates
