-- Runs a command in a clone of a saved machine. The clone has one folder, at /work, in which the
-- command leaves what it makes; everything else that it does is gone with the clone. Its exit
-- status is yours.
--
--   lua5.4 examples/clones/sandbox.lua ~/warm ~/task sh -c 'cd /work && ./build.sh >log'
local lunik = require "lunik"
local getpid = require "posix.unistd".getpid

local saved, folder = table.remove(arg, 1), table.remove(arg, 1)
if not arg[1] then error("usage: sandbox.lua SAVED FOLDER COMMAND …", 0) end

local clones, problems = lunik.fork(saved, { as = ("sandbox-%d"):format(getpid()),
                                             mounts = { { from = folder, to = "/work" } } })
if not clones then error(lunik.text(problems), 0) end

local vm <const> = clones[1]
local command = { table.unpack(arg) }
function command.stdout(bytes) io.stdout:write(bytes) end
function command.stderr(bytes) io.stderr:write(bytes) end
local status, why = vm:exec(command)

vm:stop("the command has ended", "quit")
vm:wait()
os.exit(status or error(why, 0))
