-- SPDX-License-Identifier: MIT
-- What a saved machine is started again by: the recipe that it was started from, read anew, and
-- what of the machine is in its folder.
local compare = require "lunik.saved.compare"
local folder = require "lunik.saved.folder"
local host = require "lunik.host"
local images = require "lunik.saved.images"
local kind = require "lunik.schema.kind"
local machines = require "lunik.supervisor.machines"
local now = require "lunik.saved.now"
local read = require "lunik.vm.save.read"
local shadow = require "lunik.saved.shadow"
local templates = require "lunik.supervisor.templates"

local restore = {}

-- The fields that --set said.
local function fields(machine, name)
  local set = shadow.settings(machine.recipe.set)
  set.name = name or set.name
  return set
end

-- A recipe that is named in place of a saved machine's own, absolute | nil
function restore.recipe(path)
  if not path then return nil end
  path = host.real(kind.absolute(path, { host = host, dir = host.real "." }))
  return host.kind(path) == "directory" and path .. "/vm.lua" or path
end

-- The folder that is meant by a word: a path, or that of a machine.
function restore.place(text)
  if not host.kind(text) and text:find "^%w[%w._-]*$" then
    local path = machines.saved(text, machines.remembered(text))
    if path or machines.name(text) then return path or machines.state(text) .. "/saved" end
  end
  return kind.absolute(text, { host = host, dir = host.real "." })
end

-- Opens what is saved at an absolute path: { recipe, before (the fields that --set said), set
-- (those for now), saved (for lunik.plan), machine } | nil, why. options: name, what the machine is
-- called; again, the saved machine stays what it is; recipe, an absolute path: in place of its own;
-- verify, all of it is read before it goes on.
function restore.open(path, options)
  if not host.kind(path) then
    return nil, ("%s: no such folder; lunik ls -a says which machines are saved"):format(path)
  end
  local opened, why = folder.open(path)
  if not opened then return nil, why end
  local saved
  saved, why = read(opened)
  if not saved then return nil, why end
  if not options.again and templates.is(opened.machine.name) then
    return nil, ("%s is a template: lunik fork %s starts clones of it"):format(opened.machine.name,
      opened.machine.name)
  end
  if opened.used and not options.again then
    return nil, opened.path .. " was restored already: --again restores it once more, as long as "
      .. "its disks are what they were"
  end
  if opened.machine.forked and not options.again then
    return nil, opened.path .. " was made for clones of a machine that ran on: lunik fork starts "
      .. "them; --again goes on from there, and throws away what is written"
  end
  saved.again = options.again or nil
  local before = shadow.settings(opened.machine.recipe.set)
  before.name = opened.machine.name
  return { recipe = options.recipe or opened.machine.recipe.file, before = before,
           set = fields(opened.machine, options.name), saved = saved, machine = opened.machine,
           verify = options.verify and function() return opened:verify() end }
end

-- Holds it against its recipe as it reads now: a machine (lunik.load), or why there is none. What
-- would harm the guest, a line each | nil; and what is only told, a list.
function restore.differs(one, machine, why)
  local lines, told = {}, {}
  for _, found in ipairs(compare(one.machine, now.of(machine, why, one.recipe))) do
    local list = found.told and told or lines
    list[#list + 1] = found.why
  end
  if one.verify and not lines[1] then
    lines = one.verify()
    for _, found in ipairs(images(one.machine)) do
      local list = found.told and told or lines
      list[#list + 1] = found.why
    end
  end
  return lines[1] and table.concat(lines, "\n") or nil, told
end

return restore
