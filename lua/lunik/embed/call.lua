-- SPDX-License-Identifier: MIT
-- A method of a machine (lunik.vm.methods) called by an embedding program, with named arguments and
-- a value as the control socket has them. What vm:spawn gives is a number there, and its own
-- methods are called program.read, program.write, …
local core = require "lunik.core"
local facade = require "lunik.vm.facade"
local methods = require "lunik.vm.methods"
local signature = require "lunik.vm.signature"
local suggest = require "lunik.text.suggest"
local wire = require "lunik.control.wire"

local call = {}

local IN = "program."

local function refused(why, code) return nil, { { why = why, code = code or "invalid" } } end

-- The arguments of a text of JSON | nil, problems
local function arguments(json)
  if json == nil or json == "" then return {} end
  local value, why = core.json.decode(json)
  if type(value) ~= "table" or core.json.is_array(value) then
    return refused("arguments: " .. (why or "an object expected"))
  end
  local asked
  asked, why = wire.decode(value)
  if not asked then return refused(why) end
  return asked
end

-- A name may be given as a number, as from Lua.
local function fit(row, asked)
  for _, argument in ipairs(row and row.takes or {}) do
    local value = asked[argument.name]
    if argument.or_integer and math.type(value) == "integer" then
      asked[argument.name] = ("%d"):format(value)
    end
  end
end

local function spawned(vm, value)
  vm.spawned = vm.spawned or {}
  table.insert(vm.spawned, value)
  return { program = #vm.spawned }
end

-- Calls a method: its value and its row | nil, problems
function call.method(vm, name, asked)
  if name == "on" then return refused("vm:on: from C it is lunik_on_vm") end
  fit(methods.find(name), asked)
  local value, row, code = facade.ask(vm.handle, name, asked)
  if value == nil then return refused(row, code) end
  if name == "spawn" then value = spawned(vm, value) end
  return value, row
end

-- What a program's method gives, by its name, as a table.
local results = {}

function results.read(bytes) return { bytes = bytes, ended = bytes == nil } end

function results.wait(status, out, err, more)
  if status == nil then return nil, out, err end
  return { status = status, out = out, err = err, signal = more and more.signal,
           truncated = more and more.truncated }
end

local function row_of(name)
  local names = {}
  for _, row in ipairs(methods.program) do
    if row.name == name and name ~= "lines" then return row end
    if row.name ~= "lines" then names[#names + 1] = IN .. row.name end
  end
  return nil, ("a program has no '%s'%s"):format(name, suggest.hint(IN .. name, names))
end

local PROGRAM_BYTES = { "bytes", "out", "err" }

local function of_program(vm, name, asked)
  local row, why = row_of(name)
  if not row then return refused(why, "missing") end
  local number = asked.program
  local program = (vm.spawned or {})[number]
  if not program then return refused(("no program %s"):format(tostring(number)), "missing") end
  asked.program = nil
  why = signature.wrong(row, asked)
  if why then return refused(("program:%s: %s"):format(name, why)) end
  local given = {}
  for i, argument in ipairs(row.takes) do given[i] = asked[argument.name] end
  local result = table.pack(program[name](program, table.unpack(given, 1, #row.takes)))
  if name == "close" then vm.spawned[number] = false end
  local value, problem, code
  if result[1] == nil and result[2] then
    problem, code = result[2], result[3]
  else
    value, problem, code = (results[name] or function(first) return first end)(
      table.unpack(result, 1, result.n))
  end
  if value == nil then return refused(problem, code) end
  return value, { wire = true, bytes_given = PROGRAM_BYTES }
end

-- The same with arguments and value as texts of JSON | nil, problems
function call.json(vm, name, json)
  local asked, problems = arguments(json)
  if not asked then return nil, problems end
  local value, row
  if name:sub(1, #IN) == IN then
    value, row = of_program(vm, name:sub(#IN + 1), asked)
  else
    value, row = call.method(vm, name, asked)
  end
  if value == nil then return nil, row end
  if value == true and (row.wire or row.empty) then return "{}" end
  local text, why = core.json.encode(wire.encode(value, row.bytes_given))
  if not text then return refused(why, "failed") end
  return text
end

return call
