-- SPDX-License-Identifier: MIT
-- Where the lunik program is: supervisors are started from it, whoever asks for one.
local unistd = require "posix.unistd"

local program = {}

local called

-- The program that this process runs, as it was called. Its interpreter is this process's.
function program.is(path) called = path end

local whole

-- Says that this process's program is its own interpreter (src/standalone).
function program.is_whole() whole = true end

-- Found out only when it is asked for: a supervisor never does.
local function real(path) return require "posix.stdlib".realpath(path) end

-- Whether this process is the lunik program.
function program.is_own() return called ~= nil end

-- Where the modules are: a folder | nil
local function tree_of()
  local found = package.searchpath("lunik.cli", package.path)
  return found and found:match "^(.*)/lunik/cli/init%.lua$"
end

-- From the modules: a checkout's build/, a prefix's bin/.
local function beside()
  local tree = tree_of()
  for _, place in ipairs { "/../build/lunik", "/../../../bin/lunik" } do
    local path = tree and real(tree .. place)
    if path and unistd.access(path, "x") then return path end
  end
end

-- The folder of the types for editors, a checkout's own or beside the modules | nil
function program.types()
  local tree = tree_of()
  for _, place in ipairs { "/../types", "/lunik/types" } do
    local path = tree and real(tree .. place)
    if path and unistd.access(path .. "/recipe.lua", "r") then return path end
  end
end

local function in_path()
  for folder in (os.getenv "PATH" or "/usr/local/bin:/usr/bin:/bin"):gmatch "[^:]+" do
    local path = folder .. "/lunik"
    if folder:sub(1, 1) == "/" and unistd.access(path, "x") then return path end
  end
end

-- Its absolute path | nil, why
function program.path()
  local path = called and real(called) or beside() or in_path()
  if path then return path end
  return nil, "the lunik program is not installed: not beside its modules, not in PATH"
end

-- The arguments that start it | nil, why
function program.argv(...)
  local path, why = program.path()
  if not path then return nil, why end
  if called and not whole then return { real "/proc/self/exe", path, ... } end
  return { path, ... }
end

return program
