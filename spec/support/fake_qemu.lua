-- A QEMU that follows a script: `lua5.4 fake_qemu.lua ACTS …`, its monitor listening on
-- descriptor 3. ACTS is JSON, a list of acts that are done in order:
--   { "accept" }  { "greet" }  { "say", TEXT }  { "bytes", TEXT }  { "stderr", TEXT }
--   { "hear", COMMAND }       waits for that command and keeps its id
--   { "return", VALUE }  { "error", CLASS, TEXT }   answers the one heard last
--   { "event", NAME, DATA }  { "burst", NAME, COUNT }
--   { "serve" }               answers everything with {} until the end
--   { "serve", COMMAND }      or until that command, which it keeps
--   { "flooding", SECONDS }   the same; asked to "flood", sends events without end for so long
--   { "hang" }  { "ignore", SIGNAL… }  { "exit", STATUS }  { "die", SIGNAL }
local core = require "lunik.core"
local signal = require "posix.signal"
local unistd = require "posix.unistd"

local listening = assert(core.chan.adopt(3))
local client, request
local object = core.json.object

local function send(value) client:send(core.json.encode(value) .. "\r\n", 10) end

local acts = {}

function acts.accept() client = assert(listening:accept(10)) end
function acts.say(text) client:send(text .. "\r\n", 10) end
function acts.bytes(text) client:send(text, 10) end
function acts.stderr(text) io.stderr:write(text, "\n") end
function acts.event(name, data)
  send { event = name, data = data, timestamp = { seconds = 1, microseconds = 2 } }
end
acts["return"] = function(value) send { ["return"] = value or object {}, id = request.id } end
acts["error"] = function(class, desc)
  send { error = { class = class, desc = desc }, id = request.id }
end
function acts.burst(name, count)
  for i = 1, count do acts.event(name, { number = i }) end
end
function acts.exit(status) os.exit(status, true) end
function acts.die(signo)
  signal.signal(signo, signal.SIG_DFL)
  signal.kill(unistd.getpid(), signo)
end
function acts.hang() while true do unistd.sleep(1000) end end
function acts.ignore(...)
  for _, signo in ipairs { ... } do signal.signal(signo, signal.SIG_IGN) end
end

local splitter = core.json.splitter()

-- Commands need not end in a newline: one JSON value after the other.
local function hear()
  local text = splitter:next()
  while not text do
    local bytes = client:read(65536)
    if not bytes then os.exit(0) end
    splitter:feed(bytes)
    text = splitter:next()
  end
  request = core.json.decode(text)
  return request.execute
end

function acts.hear(command)
  repeat until hear() == command
end

function acts.serve(last)
  while hear() ~= last do
    acts["return"]()
    if request.execute == "quit" then os.exit(0, true) end
  end
end

-- A flood goes on while commands are answered: as many events as there is room for.
local function flood(seconds)
  local now = require "lunik.async.loop".now
  local ends, event = now() + seconds, core.json.encode { event = "STOP", timestamp = {
    seconds = 1, microseconds = 2 }, data = { why = ("x"):rep(100) } } .. "\r\n"
  while now() < ends do
    client:send(event:rep(64), 60)
    local bytes = client:read(65536, 0)
    if bytes then splitter:feed(bytes) end
    for text in splitter.next, splitter do
      request = core.json.decode(text)
      acts["return"]()
    end
  end
end

function acts.flooding(seconds)
  while true do
    hear()
    acts["return"]()
    if request.execute == "flood" then flood(seconds) end
    if request.execute == "quit" then os.exit(0, true) end
  end
end

function acts.greet()
  acts.accept()
  send { QMP = { version = { qemu = { major = 7, minor = 2, micro = 0 }, package = "" },
                 capabilities = core.json.array {} } }
  acts.hear "qmp_capabilities"
  acts["return"]()
end

for _, act in ipairs(core.json.decode(arg[1])) do
  acts[act[1]](table.unpack(act, 2))
end
