-- SPDX-License-Identifier: MIT
-- `lunik argv`: the machine's command line, which can be pasted into a shell.
local base64 = require "lunik.text.base64"
local arguments = require "lunik.cli.arguments"
local core = require "lunik.core"
local exit = require "lunik.exit"

local argv = { name = "argv", summary = "print the machine's QEMU command line" }
argv.example = "lunik argv vm.lua --shell"
argv.more = { "lunik argv vm.lua --full --set memory=8G -0", "lunik argv vm.lua --json" }

function argv.args(command)
  arguments.recipe(command)
  command:flag("--full",
    "with what lunik adds to hold the machine: monitors, sandbox, paused start")
  command:mutex(
    command:flag("--json", "as JSON"),
    command:flag("--shell", "as one line, quoted for a shell"),
    command:flag("-0", "with NUL bytes in place of line ends"):target "nul")
end

-- JSON has no way to say bytes that are not UTF-8: they come as base64.
local function json(list)
  local text = core.json.encode { lunik = 1, argv = list }
  if text then return text .. "\n" end
  local bytes = {}
  for i, word in ipairs(list) do bytes[i] = base64.encode(word) end
  return core.json.encode { lunik = 1, argv_b64 = bytes } .. "\n"
end

local function lines(list)
  for _, word in ipairs(list) do
    if word:find "\n" then return nil, "an argument holds a newline: use -0, --shell or --json" end
  end
  return table.concat(list, "\n") .. "\n"
end

local function text(args, list)
  if args.json then return json(list) end
  if args.shell then return core.argv.shell(list) .. "\n" end
  if args.nul then return table.concat(list, "\0") .. "\0" end
  return lines(list)
end

function argv.run(args, out, err)
  local plan, why, code = arguments.plan(args, { anyway = true })
  if not plan then return nil, why, code end
  for _, lack in ipairs(plan.lacks) do
    err:write("lunik argv: ", require "lunik.schema.check".text(lack), "\n")
  end
  local list, printed
  list, why = plan:command("paste", args.full)
  if not list then return nil, why end
  printed, why = text(args, list)
  if not printed then return nil, why end
  out:write(printed)
  return exit.ok
end

return argv
