-- SPDX-License-Identifier: MIT
-- `lunik apply`: a running machine as its recipe says now, as far as it can be while it runs.
local arguments = require "lunik.cli.arguments"
local attached = require "lunik.cli.attached"
local core = require "lunik.core"
local exit = require "lunik.exit"
local machines = require "lunik.supervisor.machines"
local outline = require "lunik.change.outline"
local portable = require "lunik.store.portable"
local printable = require "lunik.text.printable"
local sorted = require "lunik.text.sorted"
local variables = require "lunik.supervisor.variables"

local apply = { name = "apply", summary = "change a running machine to what its recipe says now" }
apply.example = "lunik apply dev --dry-run"
apply.more = { "lunik apply dev --force --json" }

function apply.args(command)
  arguments.machine(command)
  command:flag("--dry-run", "only show what would be done, and what waits for a restart")
  command:flag("--force", "take away what the guest uses, too")
  command:flag("--json", "as JSON")
end

local array = core.json.array

-- What a recipe was read from: files ({ path, text }), and variables of the environment
-- ({ name, value }).
local function source(inputs)
  local files, env = array {}, array {}
  for i, path in ipairs(sorted(inputs.files)) do
    files[i] = { path = path, text = inputs.files[path] }
  end
  for i, name in ipairs(sorted(inputs.env)) do
    env[i] = { name = name, value = inputs.env[name] or nil }
  end
  return { files = files, env = env }
end

-- The recipe as it reads now, in the surroundings of the machine's start: an outline, and what it
-- was read from | nil, why, code
local function read(name, err)
  local before = machines.remembered(name)
  if not before or not before.recipe then
    return nil, ("machine '%s' was not started by lunik up"):format(name)
  end
  local host, told = variables.host(name, before)
  local plan, machine, code = arguments.plan(
    { recipe = before.recipe, set = machines.settings(before) }, { kept = true, host = host })
  for _, text in ipairs(told) do err:write(name, ": ", printable(text), "\n") end
  if not plan then return nil, machine, code end
  return outline.of(machine, { host = host }), source(machine.raw.inputs)
end

-- The parts of what is printed: by fate, what stands above it when it is still to be done, and when
-- it has been.
local PARTS = {
  { "hot", "is done while it runs", "done" },
  { "restart", "waits for a restart", "waits for a restart" },
  { "refused", "is refused" },
}

local function print(answer, out)
  for _, part in ipairs(PARTS) do
    local lines = {}
    for _, one in ipairs(answer.changes) do
      if one.fate == part[1] then lines[#lines + 1] = "  " .. printable(one.text) end
    end
    if lines[1] then
      out:write(answer.applied and part[3] or part[2], ":\n", table.concat(lines, "\n"), "\n")
    end
  end
end

local function show(args, name, answer, out, err)
  if args.json then
    out:write(core.json.encode { lunik = 1, name = name, applied = answer.applied,
                                 changes = portable.encode(answer.changes) }, "\n")
  elseif #answer.changes == 0 then
    err:write(name, ": it is what its recipe says\n")
  else
    print(answer, out)
  end
  return exit.ok
end

function apply.run(args, out, err)
  local name, why = machines.name(args.machine)
  if not name then return nil, why end
  local wanted, from, code = read(name, err)
  if not wanted then return nil, from, code end
  return attached.with({ machine = name }, function(vm)
    attached.hear(vm, err)
    local answer, reason = vm:apply(wanted, { files = from.files, env = from.env,
                                              dry_run = args.dry_run, force = args.force })
    if not answer then return nil, reason, exit.problems end
    return show(args, name, answer, out, err)
  end, attached.FINISHES)
end

return apply
