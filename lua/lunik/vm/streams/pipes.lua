-- SPDX-License-Identifier: MIT
-- Starts what carries a program's pipes: the guest's shell, by its agent. Functions of
-- lunik.vm.streams.
local base64 = require "lunik.text.base64"
local core = require "lunik.core"
local relay = require "lunik.vm.streams.relay"

local pipes = {}

-- With the channels of a row of `running`: true | nil, why, code
function pipes.start(streams, one, argv)
  local nodes = {}
  for i, channel in ipairs(one.channels) do nodes[i] = channel.node end
  local path, words, input = relay.start(one.id, argv, nodes)
  local started, why, code = streams:call("guest-exec", { path = path,
    arg = core.json.array(words), ["input-data"] = input and base64.encode(input),
    ["capture-output"] = false })
  if not started then return nil, why, code end
  one.pid = started.pid
  return true
end

return pipes
