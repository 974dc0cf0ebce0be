-- SPDX-License-Identifier: MIT
-- The spec files, read as text. A file is pure when neither it nor what it takes from spec/support
-- starts a program: nobody keeps a list, and support.pure makes a wrong guess fail. A file that
-- needs the machine to itself says so in a line `-- alone: why`.
local dirent = require "posix.dirent"
local stat = require "posix.sys.stat"

local specs = {}

-- How programs are started: by the core, by the libraries, by lunik itself.
local STARTS = { "proc%.spawn", "unistd%.fork%f[%W]", "io%.popen", "os%.execute", "kvm%.probe",
  "host%.caps%(", "userns", "support%.trial", "lunik%.launch", "lunik%.process%.command",
  "lunik%.up%f[%W]", "lunik%.fork%f[%W]", "lunik%.run%f[%W]", "ssh%.try%(%a" }

local function text_of(path)
  local file = io.open(path)
  if not file then return "" end
  local _ <close> = file
  return file:read "a"
end

local function is_folder(path) return stat.S_ISDIR(assert(stat.stat(path)).st_mode) ~= 0 end

-- Every spec file below a folder, or every file whose name is like `pattern`, sorted; a file
-- stands for itself.
function specs.list(from, pattern, found)
  found, pattern = found or {}, pattern or "_spec%.lua$"
  if not is_folder(from) then
    found[#found + 1] = from
    return found
  end
  for _, name in ipairs(dirent.dir(from)) do
    local path = from .. "/" .. name
    if name:find(pattern) or name:find "^[^.]" and is_folder(path) then
      specs.list(path, pattern, found)
    end
  end
  table.sort(found)
  return found
end

-- Whether a file, or what it takes from spec/support, starts programs.
local function starts(path, seen)
  if seen[path] then return false end
  seen[path] = true
  local source = text_of(path):gsub("%-%-[^\n]*", "")
  for _, pattern in ipairs(STARTS) do
    if source:find(pattern) then return true end
  end
  for name in source:gmatch '"support%.([%w_.]+)"' do
    if starts("spec/support/" .. name:gsub("%.", "/") .. ".lua", seen) then return true end
  end
  return false
end

function specs.is_pure(path) return not starts(path, {}) end

-- Why a file needs the machine to itself, or nil.
function specs.alone(path)
  return text_of(path):match "%f[^\n\0]%-%- alone: ([^\n]*)"
end

return specs
