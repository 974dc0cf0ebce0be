-- The terminal session of the README: recorded with the real program and the small guest, kept as
-- docs/demo.cast (asciinema's format, version 2), and drawn as docs/demo.svg.
local core = require "lunik.core"
local house = require "support.house"
local loop = require "lunik.async.loop"
local poll = require "posix.poll"
local program = require "support.program"
local scratch = require "support.scratch"
local stat = require "posix.sys.stat"
local unistd = require "posix.unistd"

local recording = { width = 96, height = 34 }

local RECIPE = [[
return machine {
  name = "dev", memory = "512M",
  disk { file = "disk.qcow2", overlay = true },
  agent {},
  hotplug { ports = 4,
    mount = function(_, m)
      if not m.real:find "/src" then return nil, "only below src" end
      return m
    end },
}
]]

recording.commands = {
  "cat vm.lua",
  "lunik check wrong.lua",
  "lunik up",
  "lunik exec -- uname -sm",
  "lunik mount dev ~/src/api",
  "lunik exec -- cat /mnt/api/README",
  "lunik mount dev /etc",
  "lunik ls",
  "lunik down",
}

-- A reader of the README's: a house with the recipe, its image, and a folder to mount.
function recording.reader()
  local home = house.new()
  for _, name in ipairs { "src", "src/api", "dev" } do stat.mkdir(home.dir .. "/" .. name) end
  scratch.write(home.dir .. "/dev/vm.lua", RECIPE)
  scratch.write(home.dir .. "/dev/wrong.lua", (RECIPE:gsub("overlay", "overlya")))
  scratch.write(home.dir .. "/src/api/README", "written on the host\n")
  unistd.link(house.guest .. "/disk.qcow2", home.dir .. "/dev/disk.qcow2", true)
  local env = { "TERM=xterm", "HOME=" .. home.dir,
    ("PATH=%s:%s"):format(house.program:match "^(.*)/", os.getenv "PATH") }
  for _, each in ipairs(home.env) do
    if each:find "^XDG_" then env[#env + 1] = each end
  end
  return { home = home, env = env, dir = home.dir .. "/dev" }
end

-- Runs a command on a terminal: hear(bytes) has what it prints, as it comes.
local function typed(reader, command, hear)
  local one = program.start({ "sh", "-c", ("stty cols %d rows %d; %s"):format(recording.width,
    recording.height, command) }, { env = reader.env, cwd = reader.dir, terminal = true })
  local ended
  repeat
    local left = poll.rpoll(one.reader, 50) == 1
    if left then hear(unistd.read(one.reader, 65536)) end
    ended = not left and one.proc:wait(0)
  until ended
  one:close()
end

-- What differs from host to host, or from run to run, is not recorded.
local function plain(reader, text)
  return (text:gsub(reader.home.dir:gsub("%p", "%%%0"), "/home/you"))
end

-- What each command prints, in a new house: { command, text }
function recording.play(hear)
  local reader, list = recording.reader(), {}
  local ok, why = pcall(function()
    for _, command in ipairs(recording.commands) do
      if hear then hear("command", command) end
      local pieces = {}
      typed(reader, command, function(bytes)
        pieces[#pieces + 1] = bytes
        if hear then hear("text", plain(reader, bytes)) end
      end)
      list[#list + 1] = { command = command, text = plain(reader, table.concat(pieces)) }
    end
  end)
  reader.home:close()
  return ok and list or error(why, 0)
end

local LONGEST = 2          -- seconds of a pause that are kept
local TICK = 0.05          -- the same where a line only tells that it waits
local KEY = 0.04           -- seconds from one key to the next

-- The cast: a line of JSON each for its head and what came when.
function recording.record()
  local at, last, lines = 0, nil, {}
  lines[1] = core.json.encode { version = 2, width = recording.width, height = recording.height,
    title = "lunik: a machine, and a folder that comes while it runs" }
  local function put(text)
    lines[#lines + 1] = core.json.encode(core.json.array { math.floor(at * 1000 + 0.5) / 1000, "o",
                                                           text })
  end
  recording.play(function(kind, text)
    local now = loop.now()
    local most = text:find "^\r\27%[K" and TICK or LONGEST
    at, last = at + math.min(most, now - (last or now)), now
    if kind == "text" then return put(text) end
    at = at + 0.8
    put "$ "
    for key in text:gmatch(utf8.charpattern) do
      at = at + KEY
      put(key)
    end
    put "\r\n"
  end)
  return table.concat(lines, "\n") .. "\n"
end

-- The events of a cast: { at, text }.
local function events(cast)
  local list = {}
  for line in cast:gmatch "[^\n]+" do
    local event = core.json.decode(line)
    if event[1] then list[#list + 1] = { at = event[1], text = event[3] } end
  end
  return list
end

-- What each command of a cast has left on the terminal: { command, text }
function recording.said(cast)
  local pieces = {}
  for i, event in ipairs(events(cast)) do pieces[i] = event.text end
  local list = {}
  for line in recording.left(table.concat(pieces)):gmatch "([^\n]*)\n" do
    local command = line:match "^%$ (.*)$"
    if command then
      list[#list + 1] = { command = command, text = "" }
    else
      list[#list].text = list[#list].text .. line .. "\n"
    end
  end
  return list
end

-- What bytes have left on a terminal, without colours: a line that is written anew counts once.
function recording.left(bytes)
  return (bytes:gsub("\27%[[%d;]*m", ""):gsub("\r\n", "\n"):gsub("[^\n]*\r\27%[K", ""))
end

return recording
