-- SPDX-License-Identifier: MIT
-- `lunik init`: a recipe to start from, by options or, at a terminal, by answers; and what editors
-- have to know to complete its words. Nothing that is there is overwritten.
local addon = require "lunik.cli.addon"
local attached = require "lunik.cli.attached"
local core = require "lunik.core"
local exit = require "lunik.exit"
local host = require "lunik.host"
local kind = require "lunik.schema.kind"
local loop = require "lunik.async.loop"
local printable = require "lunik.text.printable"
local starting = require "lunik.cli.starting_recipe"
local unistd = require "posix.unistd"

local init = { name = "init", summary = "write a recipe to start from" }
init.example = "lunik init --image debian-13.qcow2 --ssh-key ~/.ssh/id_ed25519.pub"
init.more = { "lunik init --name web --disk 20G --cdrom debian-13.iso --memory 4G --cpus 4 --json",
  "lunik init --image debian-13.qcow2 --user dev --ssh-key ~/.ssh/id_ed25519 --mount ~/src:/src" }

local NOTHING = "nothing is written"

local function option_of(row) return "--" .. (row.option or row.name) end

function init.args(command)
  command:argument("recipe", "the file, which ends in .lua, or its folder; left out: vm.lua")
    :args "?"
  command:option("--name", "the machine's name; left out: its folder's"):argname "NAME"
  for _, row in ipairs(starting.rows) do
    local option = command:option(option_of(row), row.doc):argname(row.argument)
    if row.list then option:count "*" end
  end
  command:flag("--json", "what was written, as JSON")
end

-- Where the recipe is to be: path | nil, why
local function place(argument)
  local path = argument
  if host.kind(path) == "directory" then path = path:gsub("/*$", "") .. "/vm.lua" end
  local folder = path:match "^(.*)/[^/]*$" or "."
  if not path:find "%.lua$" then
    return nil, ("%s: a file that ends in .lua, or a folder that is there, expected"):format(
      printable(path))
  elseif host.kind(folder == "" and "/" or folder) ~= "directory" then
    return nil, printable(folder) .. ": no such folder"
  elseif host.kind(path) then
    return nil, ("%s is there already, and stays as it is; lunik init FILE writes another"):format(
      printable(path))
  end
  return path
end

-- A path of the command line as the recipe's folder sees it.
local function viewer(recipe)
  return function(path)
    if not recipe:find "/" or path:find "^[/~]" then return path end
    return host.real(unistd.getcwd() .. "/" .. path)
  end
end

-- A folder's name that is none for a machine is made one | nil where it is one
local function name_for(recipe)
  local folder = host.real(recipe:match "^(.*)/" or "."):match "[^/]*$"
  if kind.name.read(folder) then return nil end
  local name = folder:gsub("[^%w._-]+", "-"):gsub("^[^%w]+", ""):sub(1, kind.longest_name)
  return kind.name.read(name) and name or "vm"
end

local function default_of(row)
  if type(row.default) == "function" then return row.default() end
  return row.default
end

-- A line that is typed; nil at the end of the input.
local function typed(self)
  while not self.text:find "\n" do
    self.loop:wait(0, "r")
    local bytes = unistd.read(0, 4096)
    if not bytes or bytes == "" then return nil end
    self.text = self.text .. bytes
  end
  local line, rest = self.text:match "^([^\n]*)\n(.*)$"
  self.text = rest
  return line:match "^%s*(.-)%s*$"
end

-- Asks until the answer is one: it | false for none | nil, why
local function ask(self, row)
  local default = default_of(row)
  while true do
    self.err:write(("%s [%s]: "):format(row.ask, default or "none"))
    self.err:flush()
    local line = typed(self)
    if not line then
      self.err:write "\n"
      return nil, NOTHING
    end
    if line == "" then return default or false end
    if line == "none" and not row.default then return false end
    if line == "none" and type(row.default) == "function" then return false end
    local ok, why = row.read(line)
    if ok then return line end
    self.err:write("  ", why, "\n")
  end
end

local function asked(self, said)
  for _, row in ipairs(starting.rows) do
    if not row.after or row.after(said) then
      local answer, why = ask(self, row)
      if answer == nil then return nil, why end
      said[row.name] = answer and (row.list and { answer } or answer) or nil
    end
  end
  return said
end

-- What the options say, each by itself right: it | nil, why
local function told(args)
  local said = {}
  for _, row in ipairs(starting.rows) do
    local given = args[row.name]
    for _, text in ipairs(type(given) == "table" and given or { given }) do
      local ok, why = row.read(text)
      if not ok then return nil, ("%s: %s"):format(option_of(row), why) end
    end
    said[row.name] = given
  end
  if said.image and said.disk then
    return nil, "--image is the disk to boot from: --disk makes a new one in its place"
  end
  if said.user and not said.ssh_key then return nil, "--user is with --ssh-key FILE" end
  for _, row in ipairs(starting.rows) do
    if type(row.default) == "string" then said[row.name] = said[row.name] or row.default end
  end
  return said
end

local function is_silent(args)
  if args.name or args.json then return false end
  for _, row in ipairs(starting.rows) do
    local given = args[row.name]
    if type(given) == "table" and #given > 0 or type(given) == "string" then return false end
  end
  return true
end

-- At a terminal somebody who has said nothing is asked: what to write | nil, why, code
local function wanted(args, err)
  if not is_silent(args) or unistd.isatty(0) ~= 1 or unistd.isatty(2) ~= 1 then
    local said, why = told(args)
    return said, why, exit.usage
  end
  local l <close> = loop.new()
  return l:run(attached.until_interrupted, l, NOTHING, asked,
               { loop = l, err = err, text = "" }, {})
end

-- What lunik check finds: true, a list of what only this host lacks | nil, why
local function checked(path)
  local lunik = require "lunik"
  local plan, problems = lunik.plan(path, { limit_memory = true })
  local wrong, lacking = {}, {}
  for _, problem in ipairs(plan and {} or problems) do
    table.insert(problem.about == "host" and lacking or wrong, problem)
  end
  if #wrong > 0 then return nil, lunik.text(wrong) end
  return true, #lacking > 0 and lunik.text(lacking) or nil
end

-- For lua-language-server: the path of what it wrote | nil, why
local function for_editors(recipe)
  local library, why = addon.library(addon.binary())
  if not library then return nil, why end
  return addon.luarc(recipe:match "^.*/" or "", library)
end

local function report(args, written, out)
  if args.json then
    for i, path in ipairs(written) do written[i] = printable(path) end
    out:write(core.json.encode { lunik = 1, written = core.json.array(written) }, "\n")
    return
  end
  for _, path in ipairs(written) do out:write("wrote ", printable(path), "\n") end
end

function init.run(args, out, err)
  local path, problem = place(args.recipe)
  if not path then return nil, problem end
  local said, why, code = wanted(args, err)
  if not said then return nil, why, code end
  said.name = args.name or name_for(path)
  local ok
  ok, why = addon.create(path, starting.text(said, viewer(path)))
  if not ok then return nil, why end
  ok, why = checked(path)
  if not ok then
    unistd.unlink(path)
    return nil, NOTHING .. ": " .. why
  end
  if why then err:write("lunik: ", why, "\n") end
  local types
  types, why = for_editors(path)
  if why then err:write("lunik: ", why, "\n") end
  report(args, { path, types }, out)
  return exit.ok
end

return init
