-- SPDX-License-Identifier: MIT
-- `lunik report`: what somebody who is to find a fault has to know of a machine, in one file.
local arguments = require "lunik.cli.arguments"
local bundle = require "lunik.cli.report.bundle"
local contents = require "lunik.cli.report.contents"
local core = require "lunik.core"
local exit = require "lunik.exit"
local loop = require "lunik.async.loop"
local machines = require "lunik.supervisor.machines"
local printable = require "lunik.text.printable"

local report = { name = "report",
  summary = "gather all there is to know about a machine in a file, without its secrets" }
report.example = "lunik report dev"
report.more = { "lunik report dev -o dev.tar --json" }

function report.args(command)
  arguments.machine(command)
  command:option("-o --output", "a file that ends in .tar, or a folder that is made; left out: "
    .. "NAME-report.tar"):argname "PATH"
  command:flag("--json", "as JSON")
end

local function print(path, files, out)
  out:write(printable(path), "\n")
  for _, file in ipairs(files) do out:write(contents.line(file.name, file.about), "\n") end
end

local function json(path, files)
  local list = core.json.array {}
  for i, file in ipairs(files) do
    list[i] = { name = file.name, bytes = #file.text, about = file.about }
  end
  return core.json.encode { lunik = 1, path = printable(path), files = list }
end

function report.run(args, out)
  local l <close> = loop.new()
  return l:run(function()
    local name, why = machines.trace(args.machine)
    if not name then return nil, why end
    local path, files = args.output or name .. "-report.tar", contents.of(name, l)
    local ok
    ok, why = bundle.write(path, files, name .. "-report")
    if not ok then return nil, why end
    if args.json then
      out:write(json(path, files), "\n")
    else
      print(path, files, out)
    end
    return exit.ok
  end)
end

return report
