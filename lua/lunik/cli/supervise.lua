-- SPDX-License-Identifier: MIT
-- `lunik supervise [--adopt DIR | --recipe PATH FIELD=VALUE…] [--leave]`: a machine's supervisor.
-- Not for people: `up` starts it with a link as descriptor 3, `adopt` with the machine's directory
-- as well, a systemd unit with a recipe.
local core = require "lunik.core"
local exit = require "lunik.exit"
local loop = require "lunik.loop"

local supervise = { name = "supervise",
                    summary = "be the supervisor of a machine (started by up, adopt, systemd)" }

local LINK = 3

-- Nobody's child: a program that lives on need not wait for our end.
local function leave()
  local unistd = require "posix.unistd"
  local pid = unistd.fork()
  if pid ~= 0 then unistd._exit(pid and 0 or 1) end
end

local function linked(l)
  return require "lunik.supervisor.link".new(l, assert(core.chan.adopt(LINK)))
end

local function of_directory(dir)
  local text, why = require "lunik.host".contents(dir .. "/snapshot", 64 << 20)
  if not text then return nil, why end
  return require "lunik.snapshot".decode(text)
end

-- A systemd unit names a recipe. Checking and planning it takes modules and memory that a
-- supervisor has no use for: the process begins anew, with the snapshot in a file without a name.
local function become(path, set)
  local cli = require "lunik.cli"
  local plan, machine, code = cli.plan({ recipe = path, set = set }, { kept = true })
  if not plan then return nil, machine, code end
  local kept, why = require "lunik.snapshot".take(plan, machine, cli.settings(set))
  if not kept then return nil, why end
  local file = assert(io.tmpfile())
  file:write(require "lunik.snapshot".encode(kept))
  file:seek("set", 0)
  require "posix.unistd".dup2(require "posix.stdio".fileno(file), LINK)
  local argv = assert(require "lunik.program".argv("supervise", "--snapshot"))
  argv[0] = table.remove(argv, 1)
  return nil, select(2, require "posix.unistd".exec(argv[0], argv)), exit.start
end

local function of_file()
  local file <close> = assert(io.open(("/proc/self/fd/%d"):format(LINK), "rb"))
  return require "lunik.snapshot".decode(file:read "a")
end

local function options_of(argv, l)
  local kept, why, code
  if argv[2] == "--recipe" then
    return become(argv[3] or "vm.lua", table.move(argv, 4, #argv, 1, {}))
  end
  if argv[2] == "--snapshot" then
    kept, why, code = of_file()
    return kept and { kept = kept, notify = require "lunik.notify".take() }, why, code
  elseif argv[2] == "--adopt" then
    kept, why = of_directory(argv[3])
    return kept and { kept = kept, adopt = true, link = linked(l) }, why
  end
  return { link = linked(l) }
end

function supervise.run(argv)
  if argv[#argv] == "--leave" then leave() end
  -- a start is short: what it leaves is collected when it is over (lunik.supervisor)
  collectgarbage "stop"
  local l <close> = loop.new()
  return l:run(function()
    local options, why, code = options_of(argv, l)
    if not options then return nil, why, code end
    options.notify = options.notify or function() return true end
    local how
    how, why = require "lunik.supervisor".run(l, options)
    -- whoever waits at the link has been told
    if how then return how.code end
    if options.link then return exit.start end
    return nil, why, exit.start
  end)
end

return supervise
