-- SPDX-License-Identifier: MIT
-- Gives a recipe what it may use once its machine runs, and could not while it was read:
-- host.run { argv }.
local command = require "lunik.process.command"
local environment = require "lunik.process.environment"
local recipe = require "lunik.recipe"

local running = {}

local SIGNALLED = 128      -- and the signal: the status of a program that one ended, as in a shell

-- host.run { argv…, seconds =, cwd = }: status, stdout, stderr, or nil and why. The program sees
-- lunik's own environment, as it would of a shell.
local function run_in(loop)
  return function(argv)
    if type(argv) ~= "table" or type(argv[1]) ~= "string" then
      error("host.run: a list of texts expected: host.run { \"program\", \"argument\" }", 2)
    end
    local list = table.move(argv, 1, #argv, 1, {})
    local done, why, code = command.run(loop, list,
      { seconds = argv.seconds, cwd = argv.cwd, env = environment() })
    if not done then return nil, why, code end
    if done.truncated then return nil, list[1] .. ": it writes more than is kept: 16 MiB" end
    return done.status or SIGNALLED + done.signal, done.out, done.err
  end
end

-- The machine's recipe is in its running phase from here on; waits go through `loop`. `say(text)`
-- gets what it prints; left out, standard error does.
function running.enter(machine, loop, say)
  recipe.enter_running(machine.raw, { run = run_in(loop), say = say })
end

return running
