-- SPDX-License-Identifier: MIT
-- Clones of a machine, started for the process that runs it (vm:fork { n = … }): a process of its
-- own reads the recipe and starts them, while that one answers others. What they start from is made
-- by the machine's, when it is asked for it. Whoever asks and dies meanwhile has no clones.
local defer = require "lunik.async.defer"
local up = require "lunik.supervisor.up"
local wait = require "lunik.async.wait"

local PATIENCE = 30        -- seconds for that process to end, once it has said how it went

local TOLD = { problem = true, note = true, template = true }

-- Makes what the clones start from, at a path: { stood_still } | { why, code }
local function make(vm, path, force)
  local done, why, code = require "lunik.vm.fork".keep(vm, { file = path, force = force })
  return done and { stood_still = done.stood_still } or { why = why, code = code }
end

-- Hears of it until all of them are up: { file, stood_still, clones } | nil, why, code
local function hear(vm, asked, link)
  while true do
    local said = link:hear()
    if not said then return nil, "what started the clones has ended unexpectedly", "failed" end
    if said.kind == "up" then
      vm:tell("forked", "clones are up: " .. table.concat(said.clones, ", "))
      return { file = said.file, stood_still = said.stood_still, clones = said.clones }
    end
    if said.kind == "failed" then return nil, said.text, said.code end
    if said.kind == "make" then
      link:answer(make(vm, said.text, asked.force))
    elseif TOLD[said.kind] then
      vm:tell(said.kind, said.text)
    end
  end
end

-- Has clones of a running machine: { file, stood_still, clones = their names } | nil, why, code.
-- asked: as vm:fork has it. In a task of the machine's loop.
return function(vm, asked)
  local started, why = up.begin(vm.loop, { "--clones" })
  if not started then return nil, why, "failed" end
  local _ <close> = defer(function()
    started.link:close()
    wait.exit(vm.loop, started.proc, PATIENCE)
    started:close()
  end)
  local about = { name = vm.name, dir = vm.plan.dir }
  for name, value in pairs(asked) do about[name] = value end
  local ok
  ok, why = started.link:hand(about)
  if not ok then return nil, why, "failed" end
  return hear(vm, asked, started.link)
end
