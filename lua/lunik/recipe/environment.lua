-- SPDX-License-Identifier: MIT
-- What a recipe's chunk sees as its globals: harmless copies of Lua's own, the
-- constructors, and env, host, read and require. A constructor's line is taken when
-- its name is looked up, because `return machine { … }` is a tail call and leaves no
-- frame to ask later.
local check = require "lunik.schema.check"
local device = require "lunik.device"
local extensions = require "lunik.extensions"
local item = require "lunik.schema.item"
local kind = require "lunik.schema.kind"
local qemu = require "lunik.qemu"
local safe = require "lunik.recipe.safe"
local suggest = require "lunik.text.suggest"
local words = require "lunik.recipe.words"

local environment = {}

-- How many frames a position has at most.
local most_frames = 8

-- The positions of the recipe's frames on the stack, innermost first.
local function positions(sources)
  local at, level = {}, 2
  while #at < most_frames do
    local info = debug.getinfo(level, "Sl")
    if not info then break end
    if sources[info.source] and info.currentline > 0 then
      at[#at + 1] = { file = sources[info.source], line = info.currentline }
    end
    level = level + 1
  end
  return at
end

-- Whether a name is called by a tail call of the place that looked it up: then the frame that did
-- both is gone, and those below it are still there.
local function tail_called(looked_up, now)
  if #looked_up ~= #now + 1 and #now < most_frames then return false end
  for i = 2, #looked_up do
    if looked_up[i].file ~= now[i - 1].file or looked_up[i].line ~= now[i - 1].line then
      return false
    end
  end
  return true
end

-- Binds a constructor to the position where its name was looked up. A call that has a frame of the
-- recipe's own takes that one's (`local d = disk … d { … }`).
local function constructor(context, word, build)
  local looked_up = positions(context.sources)
  return function(...)
    local now, own, caller = positions(context.sources), debug.getinfo(1, "t"),
      debug.getinfo(2, "S")
    local by_recipe = not own.istailcall and caller and context.sources[caller.source]
    if not by_recipe and (#now == 0 or tail_called(looked_up, now)) then now = looked_up end
    return build(word, now, ...)
  end
end

local function of_table(word, at, fields, ...)
  if type(fields) ~= "table" or item.open(fields) or select("#", ...) > 0 then
    error(("%s: %s: a table expected: %s { … }"):format(check.place(at), word, word), 0)
  end
  return item.new(word, fields, at)
end

local function of_hook(word, at, point, hook)
  return item.new(word, { point, hook }, at)
end

local function of_text(word, at, text, ...)
  if type(text) ~= "string" or select("#", ...) > 0 then
    error(("%s: %s: a text expected: %s \"…\""):format(check.place(at), word, word), 0)
  end
  return item.new(word, { text }, at)
end

-- The words that make items: function(word, at, what was given).
local builders = { machine = of_table, part = of_table, raw = of_table, provision = of_table,
  todo = of_text, on = of_hook, every = of_hook, watch = of_hook,
  device = function(_, at, fields, ...) return of_table("qemu.device", at, fields, ...) end,
  object = function(_, at, fields, ...) return of_table("qemu.object", at, fields, ...) end }

-- What makes items in a recipe: the builders that have a row, and the families of devices.
local function constructors()
  local out = {}
  for _, row in ipairs(words.rows) do out[row.name] = builders[row.name] end
  for _, name in ipairs(device.families) do out[name] = of_table end
  return out
end

-- A name that was looked up: any value may be one, in _G[x].
local function shown(name) return type(name) == "string" and name:sub(1, 60) or kind.show(name) end

-- `qemu.rtc { … }`: the line is that of the last name.
local function qemu_words(context)
  return setmetatable({}, { __metatable = false,
    __index = function(_, name)
      if not qemu.rows[name] then
        name = shown(name)
        error(("qemu.%s: no such option%s"):format(name, suggest.hint(name, qemu.names())), 2)
      end
      return constructor(context, "qemu." .. name, of_table)
    end,
    __newindex = function() error("qemu: cannot be changed", 2) end })
end

local function scaled(factor)
  return function(count)
    local whole = type(count) == "number" and math.tointeger(count * factor)
    if not whole or whole <= 0 then
      error("a positive number expected, got " .. kind.show(count), 2)
    end
    return { bytes = whole }
  end
end

local function env(context)
  return function(name)
    if type(name) ~= "string" or name:find "[%z=]" then
      error("env: a name expected, got " .. kind.show(name), 2)
    end
    local value = context.host.env(name)
    context.inputs.env[name] = value or false
    return value
  end
end

-- The real path of what lies below the recipe's folder; nil for what does not.
local function below(context, path)
  local whole = path:sub(1, 1) == "/" and path or context.dir .. "/" .. path
  local real = context.host.real(whole)
  context.inputs.real[whole] = real
  local top = context.dir:gsub("/*$", "/")
  return real:sub(1, #top) == top and real or nil
end

-- Text of a file below the recipe's folder.
local function read(context)
  return function(path)
    if type(path) ~= "string" then error("read: a path expected, got " .. kind.show(path), 2) end
    local real = below(context, path)
    if not real then
      error(("read: %s is outside the recipe's folder"):format(kind.show(path)), 2)
    end
    local text, why = context.host.contents(real, 1 << 20)
    if not text then error(("read: %s"):format(why), 2) end
    context.inputs.files[real] = text
    return text
  end
end

-- What an extension that the user installed gives to recipes.
local function extension(name)
  local ok, value = pcall(extensions.value, name:match "[^.]+$")
  if not ok then error("require: " .. tostring(value), 3) end
  if value == nil then error(("require: no extension '%s' is installed"):format(name), 3) end
  return value
end

-- What an extension makes items with: the recipe's constructors, at the recipe's line.
local function makers(context, at, builds)
  local make = { at = check.place(at), kind = kind }
  for name, build in pairs(builds) do
    make[name] = function(...) return build(name, at, ...) end
  end
  -- a path as the recipe's fields have them, and the same one when the recipe is read again
  local host = setmetatable({ real = function(path)
    context.inputs.real[path] = context.host.real(path)
    return context.inputs.real[path]
  end }, { __index = context.host })
  function make.path(text)
    local path, why = kind.path().read(text, { host = host, dir = context.dir })
    if not path then error(("%s: %s"):format(make.at, why), 0) end
    return path
  end
  return make
end

-- An extension that is a function becomes a constructor: it is called with what it makes items
-- with, and what the recipe gives.
local function adopted(context, name, value, builds)
  if type(value) ~= "function" then return value end
  return constructor(context, name:match "[^.]+$", function(_, at, ...)
    return value(makers(context, at, builds), ...)
  end)
end

local function beside(context, name, globals)
  if not name:find "^[%w_-][%w_.-]*$" or name:find("..", 1, true) or #name > 200 then
    error(("require: %s is not the name of a file beside the recipe"):format(kind.show(name)), 3)
  end
  local path = context.dir .. "/" .. name:gsub("%.", "/") .. ".lua"
  if not below(context, path) then
    error(("require: '%s' is outside the recipe's folder"):format(name), 3)
  end
  local chunk, why = context.compile(path, globals)
  if not chunk then error("require: " .. why, 3) end
  return chunk
end

-- A module beside the recipe, in the same environment; or an installed extension.
local function require_beside(context, globals, builds)
  local loaded = {}
  return function(name)
    if type(name) ~= "string" then error("require: a name expected, got " .. kind.show(name), 2) end
    if name:find "^lunik%.ext%.[%w_]+$" then
      return adopted(context, name, extension(name), builds)
    end
    if loaded[name] ~= nil then return loaded[name] end
    local chunk = beside(context, name, globals)
    loaded[name] = true
    local value = chunk(name)
    if value ~= nil then loaded[name] = value end
    return loaded[name]
  end
end

-- Facts of the host, and what only exists once a machine runs.
local function host_facts(context)
  local function run(...)
    if not context.running then
      error("host.run: only in hooks, while a machine runs; reading a recipe runs nothing", 2)
    end
    return context.running.run(...)
  end
  -- asked for one by one: a user's name may cost a look into the network
  return setmetatable({ run = run }, { __metatable = false,
    __index = function(_, name)
      if type(name) ~= "string" or not words.find("host." .. name) then return nil end
      context.inputs.facts[name] = context.host[name]
      return context.host[name]
    end })
end

-- What the other words stand for: value(context, the environment, its constructors).
local values = { env = env, read = read, host = host_facts, qemu = qemu_words,
  require = require_beside,
  KiB = function() return scaled(1 << 10) end, MiB = function() return scaled(1 << 20) end,
  GiB = function() return scaled(1 << 30) end, TiB = function() return scaled(1 << 40) end }

-- The names that are no constructors: Lua's own, and those of words that have a row.
local function named(context, env_table, builds)
  local own, out = safe.globals(context), { _G = env_table }
  for name in words.lua:gmatch "%S+" do out[name] = out[name] or own[name] end
  for _, row in ipairs(words.rows) do
    local make = values[row.name]
    out[row.name] = make and make(context, env_table, builds) or own[row.name]
  end
  return out
end

-- All names that a recipe can use, in order.
function environment.names()
  local names = device.all()
  for name in words.lua:gmatch "%S+" do names[#names + 1] = name end
  for _, row in ipairs(words.rows) do
    if not row.name:find(".", 1, true) then names[#names + 1] = row.name end
  end
  table.sort(names)
  return names
end

-- Whether an extension has a family of that name; raises where there are two.
local function added(name)
  local family, why = device.family(name)
  if why then error(why, 3) end
  return family
end

-- The environment for one recipe. context: host, dir, sources, inputs, compile.
function environment.new(context)
  local env_table, builds = {}, constructors()
  local globals = named(context, env_table, builds)
  return setmetatable(env_table, { __metatable = false,
    __index = function(_, name)
      if globals[name] ~= nil then return globals[name] end
      if builds[name] or type(name) == "string" and added(name) then
        return constructor(context, name, builds[name] or of_table)
      end
      error(safe.missing(shown(name), environment.names()), 2)
    end,
    __newindex = function(_, name)
      name = shown(name)
      if globals[name] ~= nil or builds[name] then
        error(("'%s' is lunik's own and stays what it is"):format(name), 2)
      end
      error(("global '%s' cannot be made: write 'local %s = …'"):format(name, name), 2)
    end })
end

return environment
