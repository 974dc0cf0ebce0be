-- SPDX-License-Identifier: MIT
-- The supervisor's own commands on the control socket, a row each: what it is called, what it
-- takes, what it returns. Checks, `lunik-query-schema` and docs/control.md read these rows.
local base64 = require "lunik.text.base64"
local core = require "lunik.core"
local devices = require "lunik.control.devices"
local status = require "lunik.control.status"
local suggest = require "lunik.text.suggest"

local commands = {}

local array, object = core.json.array, core.json.object

local function text(name, doc, optional)
  return { name, type = "string", doc = doc, optional = optional }
end

local seconds = { "seconds", type = "number", doc = "how long to wait at most", optional = true }

local function failure(why, class) return nil, why, class end

local function until_ready(vm, limit)
  local ok, why, code = vm.is_ready:wait(limit)
  if ok then return object {} end
  return failure(code and "not ready yet" or why)
end

local function until_end(vm, limit)
  local how = vm.ended:wait(limit)
  if type(how) == "table" then return status.how(how) end
  return failure "still running"
end

local WAITS = { ready = until_ready, ["end"] = until_end }

commands.rows = {
  { name = "lunik-status", arguments = {}, doc = "what the machine is, and how it is",
    returns = "the object that `lunik status --json` prints",
    run = function(server) return server.status() end },

  { name = "lunik-stop", doc = "begin to stop the machine, or climb to the next rung",
    arguments = { text("reason", "for the log", true),
      text("rung", "the first one: powerdown, quit, term or kill", true) },
    returns = "an empty object at once; the event LUNIK_ENDED tells the end",
    run = function(server, asked)
      server.vm:stop(asked.reason or "asked over the control socket", asked.rung)
      return object {}
    end },

  { name = "lunik-wait", doc = "wait until the machine is ready, or has ended",
    arguments = { text("for", "ready or end"), seconds },
    returns = "an empty object, or how it ended",
    run = function(server, asked)
      local wait = WAITS[asked["for"]]
      if not wait then return failure "lunik-wait: for: ready or end expected" end
      return wait(server.vm, asked.seconds)
    end },

  { name = "lunik-exec", doc = "run a program in the guest, by its agent, else by ssh",
    arguments = { { "argv", type = "list", doc = "program and arguments" },
      text("input-b64", "its standard input, in base64", true), seconds },
    returns = "status or signal, out-b64, err-b64, truncated",
    run = function(server, asked)
      local input = asked["input-b64"] and base64.decode(asked["input-b64"])
      local done, why, class = server.vm.guest:exec(asked.argv,
        { seconds = asked.seconds, input = input })
      if not done then return failure(why, class) end
      return { status = done.status, signal = done.signal, ["out-b64"] = base64.encode(done.out),
               ["err-b64"] = base64.encode(done.err), truncated = done.truncated or false }
    end },

  { name = "lunik-forwards", arguments = {}, doc = "the host's ports that lead into the guest",
    returns = "a list of name, protocol, address, port, guest",
    run = function(server) return array(server.vm:forwards()) end },

  { name = "lunik-forward-add", doc = "one more such port",
    arguments = { { "guest", type = "integer", doc = "the guest's port" },
      { "port", type = "integer", doc = "the host's port; 0 or left out: a free one",
        optional = true },
      text("address", "the host's address; default 127.0.0.1", true),
      text("protocol", "tcp (default) or udp", true),
      text("name", "default: the guest's port", true) },
    returns = "the forward, with its real port",
    run = function(server, asked)
      local added, why = server.vm:add_forward(asked)
      if not added then return failure(why) end
      return added
    end },

  { name = "lunik-forward-remove", doc = "close such a port; connections stay",
    arguments = { text("name", "of the forward") }, returns = "an empty object",
    run = function(server, asked)
      local ok, why = server.vm:remove_forward(asked.name)
      if not ok then return failure(why) end
      return object {}
    end },

  { name = "lunik-ssh", doc = "the arguments that reach the guest by ssh",
    arguments = { { "argv", type = "list", doc = "what to run there", optional = true } },
    returns = "a list of strings",
    run = function(server, asked)
      local argv, why = server.vm:ssh_argv(table.unpack(asked.argv or {}))
      if not argv then return failure(why) end
      return array(argv)
    end },

  { name = "lunik-events", arguments = {}, doc = "the last events, oldest first",
    returns = "a list of events",
    run = function(server) return array { table.unpack(server.recent) } end },
}

table.move(devices, 1, #devices, #commands.rows + 1, commands.rows)
commands.rows[#commands.rows + 1] = {
  name = "lunik-query-schema", arguments = {}, doc = "these commands",
  returns = "a list of name, doc, arguments, returns",
  run = function() return commands.schema() end }

local by_name = {}
for _, row in ipairs(commands.rows) do by_name[row.name] = row end

-- The rows as data.
function commands.schema()
  local list = array {}
  for i, row in ipairs(commands.rows) do
    local arguments = array {}
    for j, argument in ipairs(row.arguments) do
      arguments[j] = { name = argument[1], type = argument.type, doc = argument.doc,
                       optional = argument.optional or false }
    end
    list[i] = { name = row.name, doc = row.doc, arguments = arguments, returns = row.returns }
  end
  return list
end

local function is_list(value)
  if type(value) ~= "table" or value[1] == nil then return false end
  for _, each in ipairs(value) do
    if type(each) ~= "string" then return false end
  end
  return true
end

local IS = {
  string = function(value) return type(value) == "string" end,
  integer = function(value) return math.type(value) == "integer" end,
  number = function(value) return type(value) == "number" and value >= 0 end,
  list = is_list,
  boolean = function(value) return type(value) == "boolean" end,
  array = function(value) return type(value) == "table" and core.json.is_array(value) end,
  object = function(value) return type(value) == "table" and not core.json.is_array(value) end,
}

local WORDS = { string = "string", integer = "integer", number = "number from 0 on",
                list = "non-empty array of strings", boolean = "boolean", array = "array",
                object = "object" }

local function wrong(row, asked)
  local known = {}
  for _, argument in ipairs(row.arguments) do
    local name, value = argument[1], asked[argument[1]]
    known[#known + 1], known[name] = name, true
    if value == nil and not argument.optional then
      return ("Parameter '%s' is missing"):format(name)
    elseif value ~= nil and not IS[argument.type](value) then
      return ("Invalid parameter type for '%s', expected: %s"):format(name, WORDS[argument.type])
    end
  end
  for name in pairs(asked) do
    if not known[name] and not row.open then
      return ("Parameter '%s' is unexpected%s"):format(name, suggest.hint(name, known))
    end
  end
end

-- Carries a request out: its value | nil, why, class. May wait.
function commands.run(server, request)
  local row = by_name[request.name]
  if not row then
    local names = {}
    for i, each in ipairs(commands.rows) do names[i] = each.name end
    return nil, ("The command %s has not been found%s"):format(request.name,
      suggest.hint(request.name, names)), "CommandNotFound"
  end
  local asked = request.arguments or {}
  local why = wrong(row, asked)
  if why then return nil, why end
  return row.run(server, asked)
end

return commands
