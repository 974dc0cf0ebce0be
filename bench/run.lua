-- SPDX-License-Identifier: MIT
-- A machine for one program that does nothing, `lunik run examples/workspace/vm.lua -- true` as a
-- whole process, over a floor that does the same bare (bench/bare.lua): the same argv, until the
-- guest's agent answers; then the agent is asked to power off, to QEMU's end.
local bare = require "bare"
local core = require "lunik.core"
local lunik = require "lunik"
local measure = require "measure"

local COUNT = tonumber(arg and arg[1]) or 9
local PATIENCE = 120

local recipe = "examples/workspace/vm.lua"
local plan = assert(lunik.plan(recipe, { set = { accel = "tcg" } }))

local function ask(agent, command, arguments)
  assert(agent:send(core.json.encode { execute = command, arguments = arguments } .. "\n", 5))
end

-- What is asked before there is an agent is answered once there is one.
local function heard(agent)
  ask(agent, "guest-sync", { id = 7 })
  repeat
    local answer = core.json.decode(assert(agent:receive(PATIENCE)))
  until answer["return"] == 7
end

local function floor()
  local one = bare.new(plan)
  local from = measure.now()
  local qmp = bare.answer(one:start())
  local agent <close> = assert(core.chan.connect(plan:runtime_file "agent.sock", 5))
  assert(qmp:exec("cont", nil, 5))
  heard(agent)
  ask(agent, "guest-shutdown", { mode = "powerdown" })
  assert(one.qemu:wait(PATIENCE))
  local seconds = measure.now() - from
  qmp:close()
  one:close()
  return seconds
end

local function figure()
  local child <close> = assert(core.proc.spawn { env = measure.environment,
    argv = { "build/lunik", "run", "--set", "accel=tcg", recipe, "--", "true" } })
  local how, status = child:wait(PATIENCE)
  assert(how == "exited" and status == 0, status)
end

measure.print("run: a machine for one program", "ms", measure.pairs(COUNT, floor, figure))
