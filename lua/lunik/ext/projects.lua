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

-- The mount of a folder | nil. What is mounted is asked, and not remembered: a supervisor that
-- takes the machine over knows it, too.
local function mount_of(vm, path)
  for _, mount in ipairs(vm:mounts()) do
    if mount.from == path and mount.state ~= "dead" then return mount end
  end
end

-- `make` has the recipe's constructors (lunik.recipe.environment).
return function(make, options)
  local from, to = make.path(options.from), options.to or "/projects"

  local function bring(vm, name)
    local path = from .. "/" .. name
    if name:sub(1, 1) == "." or not is_directory(path) or mount_of(vm, path) then return end
    if options.accept and not options.accept(path) then return end
    local place = to .. "/" .. name
    local ok, why = vm:mount { from = path, to = place, readonly = options.readonly }
    if not ok then tell(vm, path, why) end
  end

  local function take(vm, path)
    local mount = mount_of(vm, path)
    if not mount then return end
    local ok, why = vm:unmount(mount.id, { force = true })
    if not ok then tell(vm, path, why) end
  end

  local function look(vm)
    for name in dirent.files(from) do bring(vm, name) end
    for _, mount in ipairs(vm:mounts()) do
      local below = mount.hot and mount.from:sub(1, #from + 1) == from .. "/"
      if below and not is_directory(mount.from) then take(vm, mount.from) end
    end
  end

  return make.part {
    make.on("ready", look),
    make.watch(from, function(vm, change)
      if change.kind == "overflow" then look(vm) end
      if change.kind == "created" then bring(vm, change.name) end
      if change.kind == "deleted" then take(vm, change.path) end
    end),
  }
end
