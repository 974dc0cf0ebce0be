-- Programs run to their end with their output caught, by core.proc alone.
local proc = require "lunik.core".proc
local unistd = require "posix.unistd"

-- `make san` has one of its own, since only that can load its build of lunik.core
local run = { interpreter = os.getenv "LUA" or "lua5.4" }

-- Everything that can be read from `fd`, which is closed.
function run.drain(fd)
  local parts = {}
  repeat
    local bytes = assert(unistd.read(fd, 65536))
    parts[#parts + 1] = bytes
  until bytes == ""
  unistd.close(fd)
  return table.concat(parts)
end

-- Starts `options` with standard output on a pipe: proc, the pipe's reading end.
function run.start(options)
  local reader, writer = unistd.pipe()
  options.fds = options.fds or {}
  options.fds[1] = writer
  local child, why, code = proc.spawn(options)
  unistd.close(writer)
  if child then return child, reader end
  unistd.close(reader)
  return nil, why, code
end

-- The output, and how it ended; or nil, why, errno of the start.
function run.output(options)
  local child, reader, code = run.start(options)
  if not child then return nil, reader, code end
  local text = run.drain(reader)
  return text, child:wait(60)
end

-- A Lua script in a process of its own, with this build of lunik.core. `options.mounts` is shell
-- to run before it, in a mount namespace of its own.
function run.lua(script, options)
  options = options or {}
  local argv = {}
  if options.mounts then
    local flags = unistd.geteuid() == 0 and "-m" or "-rm"
    argv = { "unshare", flags, "sh", "-ec", options.mounts .. '\nexec "$@"', "sh" }
  end
  argv[#argv + 1] = run.interpreter
  argv[#argv + 1] = "-e"
  argv[#argv + 1] = ("package.cpath = %q package.path = %q "):format(package.cpath, package.path)
    .. script
  return run.output { argv = argv, path = true, fds = options.fds or { [2] = 2 },
    env = { "PATH=" .. os.getenv "PATH", "LD_PRELOAD=" .. (options.preload or ""),
      "ASAN_OPTIONS=" .. (os.getenv "ASAN_OPTIONS" or "") } }
end

-- How many descriptors this process has open, dropped handles closed.
function run.descriptors()
  local count = 0
  collectgarbage()
  for _ in require("posix.dirent").files "/proc/self/fd" do count = count + 1 end
  return count
end

return run
