-- SPDX-License-Identifier: MIT
-- `lunik adopt`: gives a machine whose supervisor died a new one, with its hooks.
local arguments = require "lunik.cli.arguments"
local attached = require "lunik.cli.attached"
local exit = require "lunik.exit"
local loop = require "lunik.async.loop"
local machines = require "lunik.supervisor.machines"
local shown = require "lunik.cli.shown"
local up = require "lunik.supervisor.up"

local adopt = { name = "adopt", summary = "take over machines whose supervisors died" }
adopt.example = "lunik adopt dev"

function adopt.args(command) arguments.machines(command) end

-- In a task of `l`: the machine's status | nil, why, exit code, and whether it had ended.
function adopt.take(l, name, tell)
  local taking, why = up.begin(l, { "--adopt", machines.runtime(name) })
  if not taking then return nil, why, exit.start end
  local said = table.pack(taking:await(tell))
  taking:close()
  return said[1], said[2], said[3], said[5] ~= nil
end

local function work(l, argument, err)
  local name, why = machines.name(argument, l)
  if not name then return nil, why end
  local how, record, vm = machines.look(name, l)
  if vm then vm:close() end
  if how == "up" then return nil, ("machine '%s' has a supervisor"):format(name) end
  if how ~= "unsupervised" then return nil, machines.advice(name, how, record) end
  local function tell(_, text) err:write(name, ": ", text, "\n") end
  local status, code
  status, why, code = adopt.take(l, name, tell)
  if not status then return nil, why, code end
  for _, line in ipairs(shown.access(status)) do tell("access", line) end
  return exit.ok
end

function adopt.run(args, _, err)
  local l <close> = loop.new()
  return l:run(attached.until_interrupted, l, attached.FINISHES, function()
    if #args.machine < 2 then return work(l, args.machine[1], err) end
    return attached.together(l, args.machine, function(_, name) return work(l, name, err) end)
  end)
end

return adopt
