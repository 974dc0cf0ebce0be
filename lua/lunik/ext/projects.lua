-- SPDX-License-Identifier: MIT
-- Mounts whatever project appears in a folder, and unmounts what disappears:
--   projects { from = "~/src", to = "/src", readonly = false, accept = function(path) … end }
local dirent = require "posix.dirent"
local stat = require "posix.sys.stat"

local function is_directory(path)
  local found = stat.stat(path)
  return found and stat.S_ISDIR(found.st_mode) ~= 0
end

local function tell(vm, what, why)
  vm:tell("problem", ("projects: %s: %s"):format(what, why))
end

-- `make` has the recipe's constructors (lunik.recipe.environment).
return function(make, options)
  local from, to = make.path(options.from), options.to or "/projects"
  local mounted = {}                 -- name -> where the guest has it

  local function bring(vm, name)
    local path = from .. "/" .. name
    if mounted[name] or name:sub(1, 1) == "." or not is_directory(path) then return end
    if options.accept and not options.accept(path) then return end
    local place = to .. "/" .. name
    local ok, why = vm:mount { from = path, to = place, readonly = options.readonly }
    if ok then mounted[name] = ok.id else tell(vm, path, why) end
  end

  local function take(vm, name)
    local id = mounted[name]
    if not id then return end
    local ok, why = vm:unmount(id, { force = true })
    if ok then mounted[name] = nil else tell(vm, name, why) end
  end

  local function look(vm)
    for name in dirent.files(from) do bring(vm, name) end
    for name in pairs(mounted) do
      if not is_directory(from .. "/" .. name) then take(vm, name) end
    end
  end

  local on_change = { created = bring, deleted = take }

  return make.part {
    make.on("ready", look),
    make.watch(from, function(vm, change)
      if change.kind == "overflow" then return look(vm) end
      if on_change[change.kind] then on_change[change.kind](vm, change.name) end
    end),
  }
end
