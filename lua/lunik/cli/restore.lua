-- SPDX-License-Identifier: MIT
-- `lunik restore`: a machine goes on from where it was saved. It returns when its guest answers.
local exit = require "lunik.exit"
local machines = require "lunik.supervisor.machines"
local saved = require "lunik.supervisor.restore"
local up = require "lunik.cli.up"

local restore = { name = "restore", summary = "let a saved machine go on" }
restore.example = "lunik restore ~/saved/dev"
restore.more = { "lunik restore ~/saved/dev --name copy --again",
  "lunik restore ~/saved/dev --verify --recipe vm.lua --json" }

function restore.args(command)
  command:argument("file", "its folder; or the name of a machine that was saved without one")
  command:option("--name", "what the machine is called"):argname "NAME"
  command:option("--recipe", "by this recipe, where its own has moved"):argname "FILE"
    :target "recipe_file"
  command:flag("--again", "leave the saved machine as it is: what its guest writes is thrown away "
    .. "at the end")
  command:flag("--verify", "read all of it first, and its disks where it was saved with --sums")
  command:flag("--json", "progress and result as JSON, an object a line")
end

restore.differs = require "lunik.cli.differs"

function restore.run(args, out, err)
  local one, why = saved.open(saved.place(args.file), { name = args.name, again = args.again,
                                                        verify = args.verify,
                                                        recipe = saved.recipe(args.recipe_file) })
  if not one then return nil, why, exit.problems end
  local function tell(text) err:write(one.machine.name, ": ", text, "\n") end
  return up.run({ recipe = { { argument = one.recipe, set = machines.settings { set = one.set },
    saved = one.saved, differs = function() return restore.differs(one, tell) end } },
    json = args.json, set = {} }, out, err)
end

return restore
