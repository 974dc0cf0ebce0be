-- Programs that embed lunik: the library is made, they are compiled against it, and run.
local house = require "support.house"
local run = require "support.run"
local stdlib = require "posix.stdlib"

local embed = {}

-- `make san` has the library built with sanitizers, and the programs with it.
local build = os.getenv "EMBED_B" or os.getenv "B" or "build"
local sanitizers = os.getenv "EMBED_SAN" or ""

embed.by_threads = sanitizers:find("thread", 1, true) ~= nil
embed.lib = build .. "/lib"
embed.lua = stdlib.realpath "lua"

-- Runs a command that has to succeed: what it printed.
function embed.does(argv, env)
  local surroundings = { "PATH=" .. os.getenv "PATH", table.unpack(env or {}) }
  local text, how, status = run.output { argv = argv, path = true, fds = { [2] = 1 },
                                         env = surroundings }
  assert(how == "exited" and status == 0,
    ("%s: %s %s\n%s"):format(table.concat(argv, " "), how, status, text))
  return text
end

-- What pkg-config says of packages, as words.
function embed.flags(...)
  local words = {}
  for word in embed.does({ "pkg-config", ... }):gmatch "%S+" do words[#words + 1] = word end
  return table.unpack(words)
end

-- Has make build the library.
function embed.make(...)
  return embed.does { "make", "-s", "B=" .. build, "SAN=" .. sanitizers, ... }
end

-- Compiles sources, among other words for the compiler, against the library of this build.
function embed.compile(program, words)
  local argv = { "cc", "-O1", "-g", "-Wall", "-Wextra", "-Werror", "-Isrc/embed", "-Ispec/support" }
  for word in sanitizers:gmatch "%S+" do argv[#argv + 1] = word end
  table.move(words, 1, #words, #argv + 1, argv)
  local lib = stdlib.realpath(embed.lib)
  table.move({ "-L" .. lib, "-llunik", "-Wl,-rpath," .. lib, "-lpthread", "-o", program }, 1, 6,
             #argv + 1, argv)
  embed.does(argv)
  return program
end

-- Runs a program in a house: what it printed, its exit code. The sanitizers' builds lie where the
-- library does not find its Lua half.
function embed.run(home, argv, seconds)
  local env = { "LUNIK_LUA=" .. embed.lua, table.unpack(home.env) }
  env[#env + 1] = "NOMEM_PLACES=" .. (os.getenv "NOMEM_PLACES" or "4")
  local child, out = run.start { env = env, cwd = home.dir, path = true,
    argv = { "sh", "-c", 'exec "$@" 2>&1', "sh", table.unpack(argv) } }
  local text = run.drain(out)
  local how, status = child:wait(seconds or 60)
  return text, how == "exited" and status or ("%s %s"):format(how, status)
end

-- The recipe of a machine that is ready at once, since there is nothing in it.
embed.empty = [[return machine { name = %q, accel = "tcg", memory = "64M", ready = "qmp",
  nic { forward = { ssh = 22 } }, hotplug { ports = 2 }, stop = { powerdown = 0, quit = 5 } }]]

embed.house = house.new

return embed
