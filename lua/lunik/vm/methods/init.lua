-- SPDX-License-Identifier: MIT
-- A running machine's methods and properties, a row each. The vm of hooks, policies and programs
-- that run a machine (lunik.vm.facade), the one of lunik.attach (lunik.supervisor.client), the
-- commands of the control socket (lunik.control.commands), docs/vm.md, docs/control.md, `lunik
-- help vm` and the editors' types are made from these rows.
--
-- name      what it is called; `wire`, what the control socket calls it, where it does
-- doc       one line; `example`, one call
-- takes     { name, type (lunik.vm.signature), or_integer, doc, optional, option = in a last table,
--             lua = what it is called where the name is a word of Lua's, one_of = its values,
--             here = true: it stays in the caller's program, and is no argument of the wire's }
-- form      how Lua calls it (lunik.vm.signature), or `read`, a function; `call`, as it is written
-- family    the fields of that family are taken besides
-- gives     what Lua gets; `returns`, what the control socket gets; `empty`: true, an empty object
-- codes     why it may fail (lunik.codes)
-- bytes_given  the members of the value that are bytes whatever they hold
-- waits     whether it may yield to the machine's loop
-- run       run(vm, asked): a value, or nil, why, code; in the process that has the machine.
--           Elsewhere its supervisor is asked; lunik.supervisor.client has what is no command
-- only      the one place where it is
-- lua       the value as Lua's results, where it is not the result itself
-- class     what an editor calls the value
-- since     the version that has it first; `deprecated`, what to write instead
local extensions = require "lunik.extensions"

local methods = { rows = {}, properties = {
  { name = "name", type = "string", doc = "the machine's name", example = "print(vm.name)" },
  { name = "facts", type = "table", doc = "what is known of the machine before it runs, to be read "
      .. "only: name, dir (the recipe's folder), memory (bytes), memory_limit (bytes, with all "
      .. "that can be plugged), cpus_limit, ports (how many), agent, ssh (true or false)",
    example = "if vm.facts.ports == 0 then print('nothing can come later') end" },
} }

local by_name = {}

-- Fills in what follows from the rest of a row.
local function complete(row)
  row.bytes_taken = {}
  for _, argument in ipairs(row.takes) do
    argument.name = argument[1]
    if argument.type == "bytes" then table.insert(row.bytes_taken, argument.name) end
  end
  row.gives = row.gives or row.empty and "true" or nil
  row.returns = row.returns or row.empty and "an empty object" or nil
  return row
end

for _, part in ipairs { "machine", "guest", "devices" } do
  for _, row in ipairs(require("lunik.vm.methods." .. part)) do
    assert(not by_name[row.name], row.name)
    methods.rows[#methods.rows + 1] = complete(row)
    by_name[row.name] = row
  end
end

-- Those of what vm:spawn gives.
methods.program = require "lunik.vm.methods.program".rows
for _, row in ipairs(methods.program) do complete(row) end

-- The row of a method that an extension adds | nil, why. Its `run` gets the vm as hooks have it,
-- and the command of the control socket is called like it.
local function added(name)
  local row, why = extensions.row("methods", name)
  if not row or row.name then return row, why end
  local run = row.run
  row.name, row.takes = name, row.takes or {}
  row.doc = row.doc or "of the extension " .. row.extension
  row.wire, row.example = row.wire or methods.wire(name), row.example or ("vm:%s()"):format(name)
  row.gives = row.gives or not row.empty and "what the extension says" or nil
  row.returns, row.codes = row.returns or row.gives, row.codes or { "failed" }
  row.run = function(vm, asked, ...) return run(vm.handle, asked, ...) end
  return complete(row)
end

-- What the control socket calls a method that is called like it.
function methods.wire(name) return "lunik-" .. name:gsub("_", "-") end

-- The row of a method | nil, and why, where that is another reason than that there is none.
function methods.find(name)
  if by_name[name] then return by_name[name] end
  if type(name) ~= "string" then return nil end
  return added(name)
end

-- All rows, those of extensions last.
function methods.all()
  local list = { table.unpack(methods.rows) }
  for _, name in ipairs(extensions.names "methods") do list[#list + 1] = added(name) end
  return list
end

extensions.own("methods", function(name)
  if by_name[name] then return true end
  for _, property in ipairs(methods.properties) do
    if property.name == name then return true end
  end
  return false
end)

-- Gives a class of machines, of a place, the methods that extensions have.
function methods.extend(class, place)
  setmetatable(class, { __index = function(_, name)
    local row = type(name) == "string" and not by_name[name] and added(name)
    if not row or (row.only or place) ~= place then return nil end
    return function(self, ...) return self.handle[name](self.handle, ...) end
  end })
end

-- The rows that are there in a place: "machine" or "attached".
function methods.at(place)
  local list = {}
  for _, row in ipairs(methods.rows) do
    if (row.only or place) == place then list[#list + 1] = row end
  end
  return list
end

return methods
