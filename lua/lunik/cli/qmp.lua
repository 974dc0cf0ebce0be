-- SPDX-License-Identifier: MIT
-- `lunik qmp`: one command of QEMU's, or of lunik's own, with its arguments as JSON or as words.
local arguments = require "lunik.cli.arguments"
local attached = require "lunik.cli.attached"
local core = require "lunik.core"
local exit = require "lunik.exit"
local sorted = require "lunik.text.sorted"

local qmp = { name = "qmp", summary = "run one QMP command" }
qmp.example = "lunik qmp dev query-block"
qmp.more = { "lunik qmp -m dev --timeout 30s --json query-status" }
qmp.hints = { ["missing argument 'command'"] =
  "the machine comes first: lunik qmp dev query-status" }

function qmp.args(command, how)
  arguments.target(command, how)
  command:argument("command", "such as query-block; lunik-query-schema lists lunik's own")
  command:argument("arguments",
    "a JSON object, or KEY=VALUE …; KEY may be a.b, VALUE is JSON or text"):args "*"
  command:option("--timeout", "how long to wait, such as 30s; default: for ever")
  command:flag("--json", "the answer on one line, in an object of lunik's")
end

-- "a.b=1" into { a = { b = 1 } }: true | nil, why
local function put(object, word)
  local path, text = word:match "^([^=]+)=(.*)$"
  if not path then return nil, ("KEY=VALUE or a JSON object expected, got '%s'"):format(word) end
  local value = core.json.decode(text)
  if value == nil then value = text end
  local names = {}
  for name in path:gmatch "[^.]+" do names[#names + 1] = name end
  for i = 1, #names - 1 do
    object[names[i]] = type(object[names[i]]) == "table" and object[names[i]] or {}
    object = object[names[i]]
  end
  if names[1] then object[names[#names]] = value end
  return true
end

local function given_of(words)
  if #words == 0 then return nil end
  if #words == 1 and words[1]:find "^%s*{" then
    local object, why = core.json.decode(words[1])
    return object, why
  end
  local object = {}
  for _, word in ipairs(words) do
    local ok, why = put(object, word)
    if not ok then return nil, why end
  end
  return object
end

local write

local function write_list(value, indent, out)
  if #value == 0 then return out:write "[]" end
  out:write "[\n"
  for i, each in ipairs(value) do
    out:write(indent, "  ")
    write(each, indent .. "  ", out)
    out:write(i < #value and ",\n" or "\n")
  end
  out:write(indent, "]")
end

local function write_object(value, indent, out)
  local names = sorted(value)
  if #names == 0 then return out:write "{}" end
  out:write "{\n"
  for i, name in ipairs(names) do
    out:write(indent, "  ", core.json.encode(name), ": ")
    write(value[name], indent .. "  ", out)
    out:write(i < #names and ",\n" or "\n")
  end
  out:write(indent, "}")
end

-- JSON for people.
function write(value, indent, out)
  if type(value) ~= "table" or getmetatable(value) == nil and value[1] == nil and next(value) == nil
  then
    out:write(core.json.encode(value))
  elseif core.json.is_array(value) then
    write_list(value, indent, out)
  else
    write_object(value, indent, out)
  end
end

local function print(args, out, name, value)
  if args.json then
    out:write(core.json.encode { lunik = 1, name = name, ["return"] = value })
  else
    write(value, "", out)
  end
  out:write "\n"
  return exit.ok
end

function qmp.run(args, out, err)
  local given, why = given_of(args.arguments)
  if why then return nil, "arguments: " .. why, exit.usage end
  local seconds, code
  seconds, why, code = attached.seconds(args, "timeout")
  if seconds == false then return nil, why, code end
  return attached.with(args, function(vm)
    attached.hear(vm, err, "stopped")
    local value, problem = vm:qmp(args.command, given, seconds or math.huge)
    if value == nil then return nil, problem end
    return print(args, out, vm.name, value)
  end)
end

return qmp
