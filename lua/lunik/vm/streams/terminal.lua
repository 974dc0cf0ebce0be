-- SPDX-License-Identifier: MIT
-- Programs on a terminal of the guest's own: a virtio console that comes with the program and goes
-- with it, which hangs up what is left there. Functions of lunik.vm.streams.
local core = require "lunik.core"
local relay = require "lunik.vm.streams.relay"

local terminal = {}

local PATIENCE = 5         -- seconds for the guest to show it
local SOONEST = 0.01

local function ask(streams, script, ...)
  return streams.guest.agent:exec({ "sh", "-c", script, "lunik", ... }, { seconds = PATIENCE })
end

-- The devices of the terminals that the guest has now, as a set | nil, why, code
local function known(streams)
  local done, why, code = ask(streams, relay.TERMINALS)
  if not done then return nil, why, code end
  local set = {}
  for device in done.out:gmatch "(/dev/hvc%d+)\n" do set[device] = true end
  return set
end

local function added(before, now)
  for device in pairs(now) do
    if not before[device] then return device end
  end
end

-- The device of a terminal that has just come: the guest says of none whose it is.
local function wait_for(streams, before)
  local loop = streams.loop
  local ends, pause = loop.now() + PATIENCE, SOONEST
  while true do
    local now, why, code = known(streams)
    if not now then return nil, why, code end
    local device = added(before, now)
    if device then return device end
    if loop.now() >= ends then return nil, "the guest shows no terminal", "unsupported" end
    loop:sleep(pause)
    pause = pause * 2
  end
end

-- A channel that is a terminal in the guest | nil, why, code
local function plug(streams)
  local _ <close> = streams.turn()
  local before, why, code = known(streams)
  if not before then return nil, why, code end
  local channel
  channel, why, code = streams.channels:plug "tty"
  if not channel then return nil, why, code end
  channel.node, why, code = wait_for(streams, before)
  if channel.node then return channel end
  streams.channels:drop { channel }
  return nil, why, code
end

-- What the agent is to start for a program on a terminal of so many rows and columns.
local function words(one, argv, options)
  return core.json.array { "-c", relay.TERMINAL, "lunik", one.channels[1].node, one.id,
    ("%d"):format(options.rows), ("%d"):format(options.columns), options.term or "dumb",
    table.unpack(argv) }
end

-- Starts a program there: its row in `streams.running` | nil, why, code. options: rows, columns,
-- term (what $TERM is), owner
function terminal.begin(streams, argv, options)
  local channel, why, code = plug(streams)
  if not channel then return nil, why, code end
  local one = streams:new_one({ channel }, options.owner)
  one.terminal = channel.node
  local started
  started, why, code = streams:call("guest-exec", { path = "sh", arg = words(one, argv, options),
                                                    ["capture-output"] = false })
  if not started then
    streams.channels:drop(one.channels)
    return nil, why, code
  end
  one.pid = started.pid
  streams.running[one.id] = one
  return one
end

local RESIZE = [[stty -F "$1" rows "$2" cols "$3"]]

-- Its window has another size: true | nil, why, code
function terminal.resize(streams, one, rows, columns)
  local done, why, code = ask(streams, RESIZE, one.terminal, ("%d"):format(rows),
                              ("%d"):format(columns))
  if not done then return nil, why, code end
  if done.status == 0 then return true end
  return nil, "the guest's stty: " .. (done.err:match "[^\n]+" or "failed"), "failed"
end

return terminal
