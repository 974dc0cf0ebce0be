-- SPDX-License-Identifier: MIT
-- The supervisor's own commands on the control socket: the methods of a running machine that have a
-- name there (lunik.vm.methods), and what describes them.
local core = require "lunik.core"
local codes = require "lunik.codes"
local extensions = require "lunik.extensions"
local methods = require "lunik.vm.methods"
local streams = require "lunik.control.streams"
local signature = require "lunik.vm.signature"
local suggest = require "lunik.text.suggest"
local stat = require "posix.sys.stat"
local unistd = require "posix.unistd"
local wire = require "lunik.control.wire"

local commands = {}

local array = core.json.array

local schema = { name = "schema", wire = "lunik-query-schema", takes = {},
                 doc = "these commands", example = {},
                 returns = "a list of name, doc, arguments, returns, codes",
                 run = function() return commands.schema() end }

-- The rows that are commands, in the order of docs/control.md.
commands.rows = {}

local FILE = "-fd"

local by_name = {}

for _, row in ipairs(methods.rows) do
  if row.wire then commands.rows[#commands.rows + 1] = row end
end
table.move(streams.rows, 1, #streams.rows, #commands.rows + 1, commands.rows)
commands.rows[#commands.rows + 1] = schema
for _, row in ipairs(commands.rows) do by_name[row.wire] = row end

-- The arguments of a command as they are called on the socket: { name, type, doc, optional }.
function commands.arguments(row)
  local list = array {}
  local takes = row.family and require "lunik.control.family"(row) or row.takes
  for _, argument in ipairs(takes) do
    local bytes = argument.type == "bytes"
    list[#list + 1] = not argument.here and {
      name = bytes and argument.name .. "-b64" or argument.name,
      type = bytes and "string" or argument.type,
      doc = bytes and argument.doc .. ", in base64" or argument.doc,
      optional = argument.optional or false } or nil
  end
  for _, name in ipairs(row.bytes_taken or {}) do
    list[#list + 1] = { name = name .. FILE, type = "boolean", optional = true,
      doc = "the same, where it is long: all of the file whose descriptor comes with the command" }
  end
  return list
end

-- The rows of commands that extensions have.
local function added()
  local list = {}
  for _, name in ipairs(extensions.names "methods") do
    local row = methods.find(name)
    if row and row.wire and not row.only then list[#list + 1] = row end
  end
  return list
end

-- The rows as data, those of extensions last.
function commands.schema()
  local list, more, rows = array {}, added(), { table.unpack(commands.rows) }
  table.move(more, 1, #more, #rows + 1, rows)
  for i, row in ipairs(rows) do
    list[i] = { name = row.wire, doc = row.doc, arguments = commands.arguments(row),
                returns = row.returns, codes = array { table.unpack(row.codes or {}) } }
  end
  return list
end

-- The row of a command that an extension has | nil
local function of_extension(name)
  for _, row in ipairs(added()) do
    if row.wire == name then return row end
  end
end

local function unknown(name)
  local names = {}
  for _, rows in ipairs { commands.rows, added() } do
    for _, each in ipairs(rows) do names[#names + 1] = each.wire end
  end
  return nil, ("The command %s has not been found%s"):format(name, suggest.hint(name, names)),
         "CommandNotFound"
end

-- The file that came with a command, as bytes of its arguments: { fd } | nil, why
local function file_of(client)
  local fd = client and client:take()
  if not fd then return nil, "no descriptor came with the command" end
  local found = stat.fstat(fd)
  if found and stat.S_ISREG(found.st_mode) ~= 0 then return { fd = fd } end
  unistd.close(fd)
  return nil, "the descriptor is no file's"
end

-- Takes out what comes as a descriptor: { name = { fd } } | nil, why
local function files(row, asked, client)
  local list = setmetatable({}, { __close = function(self)
    for _, each in pairs(self) do unistd.close(each.fd) end
  end })
  for _, name in ipairs(row.bytes_taken or {}) do
    if asked[name .. FILE] == true then
      local why
      asked[name .. FILE] = nil
      list[name], why = file_of(client)
      if why then return nil, ("Parameter '%s%s': %s"):format(name, FILE, why) end
    end
  end
  return list
end

-- Carries a request out: its value | nil, why, class. May wait. `client` (lunik.control.session)
-- has what came with it.
function commands.run(vm, request, client)
  local row = by_name[request.name] or of_extension(request.name)
  if not row then return unknown(request.name) end
  local asked, why = wire.decode(request.arguments or core.json.object {})
  if not asked then return nil, why, "invalid" end
  local given <close>, wrong = files(row, asked, client)
  why = wrong or signature.wrong(row, asked)
  if why then return nil, why, "invalid" end
  for name, file in pairs(given) do asked[name] = file end
  local value, problem, code = row.run(vm, asked, client)
  if value == nil then return nil, problem, codes.word(code) end
  if value == true then return core.json.object {} end
  return wire.encode(value, row.bytes_given)
end

return commands
