-- SPDX-License-Identifier: MIT
-- The methods of a running machine as text, from their rows: for `lunik help vm`, docs/vm.md, and
-- the editors' types.
local codes = require "lunik.codes"
local methods = require "lunik.vm.methods"
local signature = require "lunik.vm.signature"

local reference = {}

local function sentence(text) return text:sub(1, 1):upper() .. text:sub(2) end

local function places(row)
  if row.of then return "what vm:spawn gives" end
  local list = {}
  if row.only ~= "attached" then list[#list + 1] = "hooks, policies, lunik.run" end
  if row.only ~= "machine" then list[#list + 1] = "lunik.attach, lunik.up" end
  if row.wire then list[#list + 1] = row.wire end
  return table.concat(list, "; ")
end

local function named(argument)
  if not argument.option then return argument.lua or argument.name end
  return argument.name .. " ="
end

-- One method, as `lunik help vm.NAME` shows it.
function reference.text(row)
  local out = { ("%s: %s"):format(signature.text(row), row.doc) }
  for _, argument in ipairs(row.takes) do
    out[#out + 1] = ("    %-12s %s%s"):format(named(argument), argument.doc,
      argument.optional and "" or " (required)")
  end
  if row.family then
    out[#out + 1] = ("    %-12s the fields of %s { … }: lunik help %s"):format("…", row.family,
      row.family)
  end
  out[#out + 1] = "  gives " .. row.gives
  if row.codes then out[#out + 1] = "  or nil, why, code: " .. table.concat(row.codes, ", ") end
  out[#out + 1] = ("  %s; in: %s"):format(row.waits and "may wait" or "does not wait", places(row))
  out[#out + 1] = "  for example: " .. row.example
  if row.deprecated then out[#out + 1] = "  deprecated: " .. row.deprecated end
  for _, each in ipairs(row.class and methods.program or {}) do
    out[#out + 1] = ("  %s: %s; gives %s"):format(signature.text(each), each.doc, each.gives)
    for _, argument in ipairs(each.takes) do
      out[#out + 1] = ("    %-12s %s"):format(named(argument), argument.doc)
    end
  end
  return table.concat(out, "\n") .. "\n"
end

-- One property, likewise.
function reference.property(row)
  return ("vm.%s: %s\n  a %s; for example: %s\n"):format(row.name, row.doc, row.type, row.example)
end

-- All of them, a line each, as `lunik help vm` shows them.
function reference.overview()
  local out = { "vm: a running machine, as hooks, policies and programs have it\n" }
  for _, property in ipairs(methods.properties) do
    out[#out + 1] = ("  vm.%-16s %s\n"):format(property.name, property.doc)
  end
  for _, row in ipairs(methods.all()) do
    out[#out + 1] = ("  vm:%-16s %s\n"):format(row.name, row.doc)
  end
  out[#out + 1] = "`lunik help vm.NAME` explains one; docs/vm.md has them all\n"
  return table.concat(out)
end

local HEAD = [[
# vm: a running machine

Printed by `make docs` from the rows that lunik runs (lua/lunik/vm/methods); `lunik help vm` shows
the same.

Hooks, policies, timers and the function of `ready =` are given it, and so is a program that runs a
machine in its own process (`lunik.run`, `lunik.start`). `lunik.attach` and `lunik.up` return the
same of a machine that lives on its own; what a method does is then carried out by the machine's
supervisor. The same call answers the same in every place where it exists.

- **Misuse raises**, at the line of the caller: a method, an argument, an option or a hook point
  that there is not, with the nearest that there is; a value of the wrong type.
- **The world's refusals come back** as `nil, why, code`. `why` is for people, `code` for programs.
- What waits yields: a hook that waits keeps nobody else from working. Over a control socket a
  method blocks, or yields within a task of the loop that `lunik.attach` was given.
- Nothing can be written to the vm, and nothing of lunik's own can be reached through it.
- What stands here holds within a major version. A method or an argument that is to go is deprecated
  for one minor release first, and says so. A machine outlives an upgrade of lunik: a newer program
  speaks to an older supervisor, and a method which that one has not is refused as `unsupported`.
]]

local function markdown_codes(out)
  out[#out + 1] = "## Codes\n\nOn the control socket they are the `class` of an error.\n"
  out[#out + 1] = "| code | what | of what, for example |\n|---|---|---|"
  for _, row in ipairs(codes.rows) do
    out[#out + 1] = ("| `%s` | %s | `%s` |"):format(row.name, row.doc, row.example)
  end
  out[#out + 1] = ""
end

local function markdown_row(row, out)
  out[#out + 1] = ("### %s\n\n`%s`\n\n%s. Gives %s.\n"):format(
    row.of and row.of .. ":" .. row.name or row.name, signature.text(row),
    sentence(row.doc), row.gives)
  if #row.takes > 0 then
    out[#out + 1] = "| argument | type | | what |\n|---|---|---|---|"
    for _, argument in ipairs(row.takes) do
      out[#out + 1] = ("| `%s` | %s | %s | %s |"):format(argument.name, argument.type,
        argument.optional and "optional" or "", argument.doc)
    end
    out[#out + 1] = ""
  end
  if row.family then
    out[#out + 1] = ("It takes the fields of [`%s { … }`](reference.md#%s) as well.\n"):format(
      row.family, row.family)
  end
  out[#out + 1] = ("%s. In: %s.%s\n"):format(row.waits and "May wait" or "Does not wait",
    places(row), row.codes and " Codes: `" .. table.concat(row.codes, "`, `") .. "`." or "")
  out[#out + 1] = ("```lua\n%s\n```\n"):format(row.example)
end

local PROGRAM = [[
## A program

What `vm:spawn` gives. It ends with the block whose `<close>` variable it is, with the machine, and
with the process that has started it.
]]

-- docs/vm.md
function reference.markdown()
  local out = { HEAD }
  markdown_codes(out)
  out[#out + 1] = "## Properties\n\n| property | type | what | for example |\n|---|---|---|---|"
  for _, row in ipairs(methods.properties) do
    out[#out + 1] = ("| `vm.%s` | %s | %s | `%s` |"):format(row.name, row.type, row.doc,
      row.example)
  end
  out[#out + 1] = "\n## Methods\n"
  for _, row in ipairs(methods.rows) do markdown_row(row, out) end
  out[#out + 1] = PROGRAM
  for _, row in ipairs(methods.program) do markdown_row(row, out) end
  return table.concat(out, "\n")
end

local lua_types = { string = "string", bytes = "string", integer = "integer", number = "number",
                    boolean = "boolean", list = "string[]", array = "table[]", object = "table",
                    ["function"] = "function" }

local function table_type(row)
  local parts = { row.form == "words" and "[integer]: string" or nil }
  for _, argument in ipairs(row.takes) do
    if argument.name ~= "argv" then
      parts[#parts + 1] = ("%s%s: %s"):format(argument.name, argument.optional and "?" or "",
        lua_types[argument.type])
    end
  end
  return ("{ %s }"):format(table.concat(parts, ", "))
end

-- What an editor is told of a method's parameters: { name, type }.
local parameters = {}

function parameters.words(row) return { { "argv", table_type(row) } } end
function parameters.rest() return { { "...", "string" } } end

function parameters.fields(row)
  local fields = row.family and "lunik." .. row.family or table_type(row)
  return { { "fields", fields }, { "options?", "table" } }
end

function parameters.positions(row)
  local list, options = {}, false
  for _, argument in ipairs(row.takes) do
    if argument.option then
      options = true
    else
      local kind = lua_types[argument.type]
      if row.name == "plug" and argument.name == "family" then kind = "string|lunik.item" end
      list[#list + 1] = { signature.parameter(argument), kind }
    end
  end
  if options then list[#list + 1] = { "options?", "table" } end
  return list
end

local function method_type(row, out)
  local names = {}
  out[#out + 1] = ("---%s. Gives %s."):format(sentence(row.doc), row.gives)
  for i, one in ipairs(parameters[row.form or "positions"](row)) do
    out[#out + 1] = ("---@param %s %s"):format(one[1], one[2])
    names[i] = one[1]:gsub("%?$", "")
  end
  out[#out + 1] = ("---@return %s\n---@return string? why\n---@return string? code\n"
    .. "function %s:%s(%s) end\n"):format(row.class or "any", row.of or "vm", row.name,
    table.concat(names, ", "))
end

-- types/vm.lua, for lua-language-server.
function reference.types()
  local out = { "---@meta\n-- Printed by `make docs` from the rows that lunik runs.\n",
                "---@class lunik.vm" }
  for _, row in ipairs(methods.properties) do
    out[#out + 1] = ("---@field %s %s %s"):format(row.name, row.type, row.doc)
  end
  out[#out + 1] = "local vm = {}\n"
  for _, row in ipairs(methods.rows) do method_type(row, out) end
  out[#out + 1] = "---@class lunik.program\nlocal program = {}\n"
  for _, row in ipairs(methods.program) do method_type(row, out) end
  return table.concat(out, "\n")
end

return reference
