-- SPDX-License-Identifier: MIT
-- Reads a recipe: runs a vm.lua in an environment that can compute but not act, and
-- returns what it composed, every item with its line. Nothing is checked here.
local budget = require "lunik.schema.budget"
local check = require "lunik.schema.check"
local environment = require "lunik.recipe.environment"
local extensions = require "lunik.extensions"
local item = require "lunik.schema.item"
local kind = require "lunik.schema.kind"
local lines = require "lunik.recipe.lines"
local printable = require "lunik.text.printable"
local safe = require "lunik.recipe.safe"

local recipe = {}

-- The longest text of a recipe or of a module beside it, in bytes.
local longest = 1 << 20

local function problem(why) return nil, { { why = why } } end

-- Bytes that Lua's compiler gets at once.
local piece = 1024

-- The text for Lua's compiler, in pieces: it looks names up in all functions around, and no count
-- hook sees it. Where time is over, the position is `where.line`.
local function pieces(text, where)
  local at = 1
  return function()
    local part = text:sub(at, at + piece - 1)
    at = at + piece
    if part ~= "" then budget.at(nil) end
    for _ in part:gmatch "\n" do where.line = where.line + 1 end
    return part
  end
end

-- Lua's word for a text that it cannot read, with what is mostly wrong where it says so.
local function unread(wrong)
  local between = wrong:find "'}' expected .*near '"
  return between and wrong .. "; a comma may be missing before it" or wrong
end

-- Compiles text chunks only, and remembers their text for the snapshot and for `lines`.
local function compiler(context)
  return function(path, env)
    local text, why = context.host.contents(path, longest)
    if not text then return nil, why end
    local shown = path:sub(1, #context.dir + 1) == context.dir .. "/"
      and context.prefix .. path:sub(#context.dir + 2) or path
    context.sources["@" .. shown] = shown
    context.texts[shown], context.inputs.files[path] = text, text
    local where = { line = 1 }
    -- pcall keeps the handler of an outer xpcall from rewriting a syntax error
    local _, chunk, wrong = pcall(load, pieces(text:gsub("^#[^\n]*", ""), where), "@" .. shown, "t",
      env)
    if chunk then return chunk end
    if wrong:find "^C stack overflow" then return nil, shown .. ": nested too deep" end
    if budget.is_late(wrong) then wrong = ("%s:%d: %s"):format(shown, where.line, budget.why) end
    return nil, unread(wrong)
  end
end

-- The position of field `name` of an item, from the text of the file that wrote it.
local function locator(context)
  local files, found = {}, setmetatable({}, { __mode = "k" })
  return function(given, name)
    local at = given.at and given.at[1]
    local text = at and context.texts[at.file]
    if not text then return nil end
    files[at.file] = files[at.file] or lines.tokens(text)
    local word = given.word:match "[^.]+$"
    found[given] = found[given] or lines.fields(files[at.file], word, at.line, given.fields)
    local line = found[given][name]
    return line and { file = at.file, line = line }
  end
end

-- A second value that a recipe returns would be dropped in silence.
local function check_alone(machine, rest)
  if rest == nil then return true end
  local more = item.open(rest)
  local got = more and ("%s { … }"):format(more.word) or kind.show(rest)
  return nil, { { at = more and more.at or machine.at,
    why = ("returns %s after its machine: a recipe is one machine; give each its own file"):format(
      got) } }
end

local function outcome(context, ok, value, message)
  if not ok then
    local why = check.reason(value, message)
    return problem(type(message) == "string" and why
      or ("%s: raised %s"):format(printable(context.shown), why))
  end
  local machine = item.open(value)
  if not machine or machine.word ~= "machine" then
    local got = machine and ("%s { … }"):format(machine.word) or value == nil and "nothing"
      or kind.show(value)
    return problem(("%s: returns %s: a recipe ends with `return machine { … }`"):format(
      printable(context.shown), got))
  end
  local alone, problems = check_alone(machine, message)
  if not alone then return nil, problems end
  return { item = machine, path = context.path, shown = context.shown, dir = context.dir,
    host = context.host,
    inputs = context.inputs, locate = context.locate, context = context }
end

local function new_context(path, host, dir)
  local folder, base = path:match "^(.*)/([^/]*)$"
  folder, base = folder or ".", base or path
  local context = { host = host, path = path, shown = path, sources = {}, texts = {},
    prefix = path:match "^(.*/)[^/]*$" or "",
    inputs = { files = {}, env = {}, real = {}, facts = {} } }
  context.dir = dir or host.real(folder)
  context.file = context.dir .. "/" .. base
  context.compile = compiler(context)
  context.locate = locator(context)
  return context
end

-- Loads the recipe at `path` (a folder means its vm.lua) as seen from `host` (see lunik.host).
-- Returns what it composed, or nil and a list of problems (check.text prints one).
function recipe.load(path, host, options)
  options = options or {}
  if host.kind(path) == "directory" and not options.dir then
    path = path:gsub("/*$", "") .. "/vm.lua"
  end
  local context = new_context(path, host, options.dir)
  local env = environment.new(context)
  if not host.kind(context.file) then return problem("no such recipe " .. kind.show(path)) end
  local chunk, why = context.compile(context.file, env)
  if not chunk then return problem(printable(why, "\n")) end
  return outcome(context, safe.call(chunk))
end

-- From now on `host.run` and its like work: the machine runs. `running` = { run = f }.
function recipe.enter_running(raw, running)
  raw.context.running = running
  if running.say then extensions.say = running.say end
end

return recipe
