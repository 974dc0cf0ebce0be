-- SPDX-License-Identifier: MIT
-- What rocks add to lunik. An extension is a file lunik/ext/NAME.lua in Lua's path, and what it
-- returns: a function, a constructor of recipes (lunik.recipe.environment), or a table
--   { version =, doc =, recipe = such a function, and, by section, names and modules:
--     kinds = { mount = { sshfs = "lunik.ext.sshfs.mount" } }, verbs = { unlock = "…" }, … }
-- A module has the row that a file of lunik's own would have in its place, and is loaded when that
-- is needed or listed: what is broken is listed nowhere. Extensions are looked for once, then, too.
local dirent = require "posix.dirent"
local rows = require "lunik.extensions.rows"
local sorted = require "lunik.text.sorted"
local suggest = require "lunik.text.suggest"

local extensions = {}

-- What can be added. A kind's name is "FAMILY KIND".
extensions.sections = { "families", "kinds", "options", "verbs", "methods", "events", "doctor",
                        "checks", "signs" }

-- Those that come with lunik, functions all of them.
local with_lunik = { init = true, grow = true, projects = true, usb_devices = true }

local PREFIX = "lunik.ext."

local FIELDS = { "version", "doc", "recipe", table.unpack(extensions.sections) }

-- Lua's path without its relative parts: what lies where lunik happens to be called is not
-- installed.
local function templates()
  local list = {}
  for template in package.path:gmatch "[^;]+" do
    if template:sub(1, 1) == "/" then list[#list + 1] = template end
  end
  return list
end

local function print_line(...)
  local words = table.pack(...)
  for i = 1, words.n do words[i] = tostring(words[i]) end
  extensions.say(table.concat(words, "\t"))
end

-- Where the line that an extension prints goes: standard output is for data.
function extensions.say(text) io.stderr:write(text, "\n") end

-- An extension's globals are its own, and so is what it requires of itself.
local globals = setmetatable({ print = print_line }, { __index = _G })

local function load_file(name, path)
  local chunk, why = loadfile(path, "t", globals)
  if not chunk then error(why, 0) end
  local value = chunk(name, path)
  package.loaded[name] = value == nil or value
  return package.loaded[name]
end

-- The value of a module of an extension's; raises. Its second result is its file.
local function module(name)
  local path = package.searchpath(name, table.concat(templates(), ";"))
  if package.loaded[name] ~= nil then return package.loaded[name], path end
  if not path then error(("no module '%s' is installed"):format(name), 0) end
  return load_file(name, path), path
end

function globals.require(name)
  if type(name) == "string" and name:sub(1, #PREFIX) == PREFIX then return (module(name)) end
  return require(name)
end

-- What a program that embeds lunik gives to its recipes, in an extension's place, by names.
extensions.of_program = {}

-- What an extension's file gives to a recipe that requires it; raises, nil where there is none.
function extensions.value(name)
  if extensions.of_program[name] then return extensions.of_program[name] end
  local path = package.searchpath(PREFIX .. name, table.concat(templates(), ";"))
  if not path then return nil end
  local value = module(PREFIX .. name)
  if type(value) ~= "table" then return value end
  local ok, why = extensions.find(name)
  if not ok or ok.wrong then error(ok and ok.wrong or why, 0) end
  return value.recipe or value
end

-- { [name] = module } of one section | nil, why
local function names_of(name, section, given)
  local out = {}
  local function put(key, value)
    if type(key) ~= "string" or type(value) ~= "string" then
      return ("%s: names and the modules that have their rows expected"):format(section)
    elseif value:sub(1, #PREFIX + #name + 1) ~= PREFIX .. name .. "." then
      return ("%s.%s: a module '%s%s.…' expected, got '%s'"):format(section, key, PREFIX, name,
        value)
    end
    out[key] = value
  end
  if type(given) ~= "table" then return nil, section .. ": a table expected" end
  for key, value in pairs(given) do
    local why
    if section == "kinds" and type(value) == "table" and type(key) == "string" then
      for kind, each in pairs(value) do why = why or put(key .. " " .. tostring(kind), each) end
    else
      why = section == "kinds" and "kinds: { FAMILY = { KIND = module } } expected"
        or put(key, value)
    end
    if why then return nil, why end
  end
  return out
end

-- Reads what a file returned: sets found.adds, or found.wrong.
local function read(found, value)
  if type(value) == "function" then return end
  if type(value) ~= "table" then
    found.wrong = "a table or a function expected"
    return
  end
  for key, given in pairs(value) do
    if rows.must[key] then
      local names, why = names_of(found.name, key, given)
      found.adds[key], found.wrong = names, found.wrong or why
    elseif key ~= "version" and key ~= "doc" and key ~= "recipe" then
      found.wrong = ("no field '%s'%s"):format(tostring(key),
        suggest.hint(tostring(key), FIELDS))
    end
  end
  found.version = type(value.version) == "string" and value.version or nil
  found.doc = type(value.doc) == "string" and value.doc or nil
end

local function open(name, path)
  local found = { name = name, file = path, adds = {}, constructor = false }
  local ok, value = pcall(module, PREFIX .. name)
  if ok then
    read(found, value)
    found.constructor = type(value) == "function" or type(value) == "table" and value.recipe ~= nil
  else
    found.wrong = tostring(value):match "^[^\n]*"
  end
  if found.wrong then
    found.adds, found.wrong = {}, ("the extension '%s' (%s): %s"):format(name, path, found.wrong)
  end
  return found
end

-- The files lunik/ext/NAME.lua of Lua's path, the first of each name.
local function files()
  local out = {}
  for _, template in ipairs(templates()) do
    local folder = template:match "^(.*)/%?%.lua$"
    local ok, names = pcall(dirent.dir, (folder or "") .. "/lunik/ext")
    for _, file in ipairs(folder and ok and names or {}) do
      local name = file:match "^([%w_]+)%.lua$"
      if name and not with_lunik[name] and not out[name] then
        out[name] = ("%s/lunik/ext/%s"):format(folder, file)
      end
    end
  end
  return out
end

local list, by_name, owners      -- once they have been looked for
local own, held = {}, {}

local function claim(section, name, found)
  local mine = owners[section] or {}
  owners[section] = mine
  local first = mine[name]
  if first then
    first.why = ("%s '%s' comes from two extensions, %s (%s) and %s (%s): remove one"):format(
      section, name, first.from.name, first.from.file, found.name, found.file)
    return
  end
  mine[name] = { from = found, module = found.adds[section][name] }
end

local function look()
  if list then return end
  list, by_name, owners = {}, {}, {}
  local found = files()
  for _, name in ipairs(sorted(found)) do
    local one = open(name, found[name])
    list[#list + 1], by_name[name] = one, one
    for _, section in ipairs(extensions.sections) do
      for _, each in ipairs(sorted(one.adds[section] or {})) do claim(section, each, one) end
    end
  end
end

-- Says which names of a section are lunik's own: no extension can have them; and why a row of an
-- extension's that has what it must is none: unfit(row) -> why | nil.
function extensions.own(section, is_own, unfit) own[section], held[section] = is_own, unfit end

local function refused(section, name, claimed)
  if own[section] and own[section](name) then
    return ("the extension '%s' (%s): %s '%s' is lunik's own"):format(claimed.from.name,
      claimed.from.file, section, name)
  end
  return claimed.why
end

-- Looks again when it is next asked: a process that outlives an installation.
function extensions.forget()
  for _, each in ipairs(list or {}) do
    local whole = PREFIX .. each.name
    for name in pairs(package.loaded) do
      if (name .. "."):sub(1, #whole + 1) == whole .. "." then package.loaded[name] = nil end
    end
  end
  list, by_name, owners = nil, nil, nil
end

-- All that are installed: a list of { name, file, version, doc, constructor = whether recipes may
-- call it, adds = { section = { name = module } }, wrong = why it is of no use }.
function extensions.all()
  look()
  return list
end

-- The extension of that name | nil, why
function extensions.find(name)
  look()
  return by_name[name], not by_name[name] and ("no extension '%s' is installed%s"):format(name,
    suggest.hint(name, sorted(by_name))) or nil
end

-- What cannot be had of all that is installed: a list of texts.
function extensions.problems()
  look()
  local out = {}
  for _, one in ipairs(list) do out[#out + 1] = one.wrong end
  for _, section in ipairs(extensions.sections) do
    for _, name in ipairs(sorted(owners[section] or {})) do
      local _, why = extensions.row(section, name)
      out[#out + 1] = why
    end
  end
  return out
end

-- The row that an extension has for a name of a section | nil, why | nil. Its `extension` is the
-- extension's name.
function extensions.row(section, name)
  look()
  local claimed = owners[section] and owners[section][name]
  if not claimed then return nil end
  local why = refused(section, name, claimed)
  if why then return nil, why end
  if not claimed.row then
    local ok, row = pcall(module, claimed.module)
    local wrong = not ok and tostring(row):match "^[^\n]*" or rows.unfit(section, row)
      or held[section] and held[section](row)
    if wrong then
      return nil, ("the extension '%s' (%s): %s '%s': %s"):format(claimed.from.name,
        claimed.from.file, section, name, wrong)
    end
    row.extension, claimed.row = claimed.from.name, row
  end
  return claimed.row
end

-- The names that extensions add to a section, in order; what stands behind one may be broken.
-- `before` is what they begin with.
function extensions.claimed(section, before)
  look()
  local out = {}
  for _, name in ipairs(sorted(owners[section] or {})) do
    local asked = not before or name:sub(1, #before) == before
    if asked and not refused(section, name, owners[section][name]) then out[#out + 1] = name end
  end
  return out
end

-- Those of them that can be had.
function extensions.names(section, before)
  local out = {}
  for _, name in ipairs(extensions.claimed(section, before)) do
    if extensions.row(section, name) then out[#out + 1] = name end
  end
  return out
end

return extensions
