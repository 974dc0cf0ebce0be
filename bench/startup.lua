-- SPDX-License-Identifier: MIT
-- From exec of `lunik run examples/workspace/vm.lua` to QMP's first answer, over a floor that
-- does the same work bare (bench/bare.lua). KVM's verdict is known beforehand (accel = "tcg").
local bare = require "bare"
local core = require "lunik.core"
local lunik = require "lunik"
local measure = require "measure"

local recipe = "examples/workspace/vm.lua"
local plan = assert(lunik.plan(recipe, { set = { accel = "tcg" } }))

-- Connects as soon as the socket listens: what happens in its folder says when to try.
local function connect(path)
  local watch <close> = assert(core.watch.open())
  assert(watch:add(plan.runtime:match "^(.*)/", "create,moved_to"))
  while true do
    watch:add(plan.runtime, "create,moved_to")
    local chan = core.chan.connect(path, 5)
    if chan then return chan end
    assert(watch:next(20))
  end
end

local function figure()
  local path = plan:runtime_file "qmp.sock"
  local from = measure.now()
  local child <close> = assert(core.proc.spawn { env = measure.environment,
    argv = { "build/lunik", "run", "--no-console", "--set", "accel=tcg", recipe } })
  local qmp = bare.answer(connect(path))
  local seconds = measure.now() - from
  bare.quit(qmp)
  child:wait(20)
  return seconds
end

local a, b = measure.pairs(15, function() return bare.seconds(plan) end, figure)
measure.print("startup: lunik run to QMP's first answer", "ms", a, b)
