-- SPDX-License-Identifier: MIT
-- What a client of the control socket sends and gets, as QEMU would take it and say it (see
-- docs/interop/qmp-spec.rst of QEMU). Functions of their arguments.
local codes = require "lunik.codes"
local core = require "lunik.core"
local printable = require "lunik.text.printable"

local protocol = {}

local encode = core.json.encode

-- QEMU takes texts in single quotes, as people type them in a shell. A value costs far more than
-- its bytes: no command needs so many.
local READ = { quotes = true, values = 65536 }

local MEMBERS = { execute = true, arguments = true, id = true }

local function unexpected(value)
  local names = {}
  for name in pairs(value) do names[#names + 1] = name end
  table.sort(names)
  for _, name in ipairs(names) do
    if not MEMBERS[name] then return ("QMP input member '%s' is unexpected"):format(name) end
  end
end

local function problem(value)
  local why = unexpected(value)
  if why then return why end
  if value.execute == nil then return "QMP input lacks member 'execute'" end
  if type(value.execute) ~= "string" then
    return "QMP input member 'execute' must be a string"
  end
  local arguments = value.arguments
  if arguments ~= nil and (type(arguments) ~= "table" or core.json.is_array(arguments)) then
    return "QMP input member 'arguments' must be an object"
  end
end

-- A request { name, arguments, id } from the text of an object. One that is none has `error`,
-- { class, text }, instead of a name.
function protocol.request(text)
  local value, why = core.json.decode(text, READ)
  if type(value) ~= "table" then
    return { error = { "GenericError", "JSON parse error, " .. (why or "not an object") } }
  end
  why = problem(value)
  if why then return { id = value.id, error = { "GenericError", why } } end
  return { id = value.id, name = value.execute, arguments = value.arguments }
end

local function tail(id) return id ~= nil and ', "id": ' .. encode(id) or "" end

-- The line that answers a request with a value | nil, why (a value that is no JSON)
function protocol.answer(id, value)
  local text, why = encode(value == nil and core.json.object {} or value)
  if not text then return nil, why end
  return ('{"return": %s%s}\r\n'):format(text, tail(id))
end

-- The same for a refusal: a class of QEMU's, a code word of lunik's, or an errno in its place.
function protocol.refusal(id, class, why)
  if math.type(class) then class = codes.word(class) end
  local object = { class = class or "GenericError",
                   desc = printable(why, "\n\t") }
  return ('{"error": %s%s}\r\n'):format(encode(object), tail(id))
end

-- `greeting` is what QEMU said in its own. Out-of-band commands are not for passing on.
function protocol.greeting(greeting)
  return encode { QMP = { version = greeting.version, capabilities = core.json.array {} } }
         .. "\r\n"
end

function protocol.event(event)
  return encode(event) .. "\r\n"
end

-- The answer to the first command of a client, which has to negotiate: true | nil, class, why
function protocol.negotiate(request, negotiated)
  if request.name ~= "qmp_capabilities" then
    if negotiated then return true end
    return nil, "CommandNotFound",
      "Expecting capabilities negotiation with 'qmp_capabilities'"
  end
  if negotiated then
    return nil, "CommandNotFound",
      "Capabilities negotiation is already complete, command ignored"
  end
  local enable = request.arguments and request.arguments.enable
  if type(enable) == "table" and enable[1] then
    return nil, "GenericError", ("Capability '%s' not available"):format(tostring(enable[1]))
  end
  return true
end

return protocol
