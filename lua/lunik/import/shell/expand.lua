-- SPDX-License-Identifier: MIT
-- What words of a script stand for (POSIX.1, 2.6), as far as that can be told without running it.
-- What cannot is marked, and so is a default that the environment could replace.
--   script: vars = texts and lists by name; false: only running the script would tell. arguments =
--   those of a function, or that `set` has set; nil: the script's own. host, note
local lexer = require "lunik.import.shell.lexer"

local expand = {}

local NESTED = 50          -- ${…} in one another that are followed

-- Blanks in it are no places to split at.
local function mark(source) return "\0" .. source:gsub("[%z\2-\4]", ""):gsub("%s", "\1") .. "\0" end

-- The text as the script has it.
function expand.shown(text)
  return (text:gsub("%z([^%z]*)%z", function(source) return (source:gsub("\1", " ")) end))
end

-- A default between marks: its place in the word is known to the end.
local function of_environment(name, text)
  if text == "" or text:find "[%z\2-\4]" then return text end
  return "\2" .. name .. "\3" .. text .. "\4"
end

-- A word without such marks, and the defaults in it: { name, default } each.
function expand.taken(word)
  local found = {}
  repeat
    local changed
    word, changed = word:gsub("\2([^\2-\4]*)\3([^\2-\4]*)\4", function(name, text)
      found[#found + 1] = { name, text }
      return text
    end)
  until changed == 0
  return (word:gsub("\2[^\3]*\3", ""):gsub("[\2-\4]", "")), found
end

local known = { HOME = "home", USER = "user", LOGNAME = "user" }

-- The value of a name: a text, a list, false (nobody can tell), or nil.
local function value_of(script, name)
  local value = script.vars[name]
  if value ~= nil then return value end
  return known[name] and script.host[known[name]]
end

-- An argument of a function's, or of the script's where `set` has set it | nil
local function argument(script, name)
  return script.arguments and script.arguments[math.tointeger(tonumber(name))] or nil
end

local fields_of

-- Text behind an operator of ${…}, which has quotes of its own: a text inside quotes, else fields.
local function other(script, source, quoted)
  local word = lexer.new(source):rest(quoted)
  script.nested = script.nested + 1
  local list = fields_of(script, word)
  script.nested = script.nested - 1
  list.split = true
  return quoted and table.concat(list, " ") or list
end

local function text_of(value)
  return type(value) == "table" and table.concat(value, " ") or value
end

-- What ${NAME:-default} and its like stand for.
local function operated(script, name, value, rest, quoted)
  local operator, source = rest:match "^(:?[-=+?])(.*)$"
  if not operator or value == false or script.nested > NESTED then return nil end
  local set = value ~= nil and (value ~= "" or operator:sub(1, 1) ~= ":")
  if operator:find "%+" then return set and other(script, source, quoted) or "" end
  if set then return value end
  if operator:find "?" then return nil end
  local default = other(script, source, quoted)
  script:note(("$%s is not set here: its default is taken"):format(name))
  if name:find "^[%a_]" then
    if type(default) == "string" then
      default = of_environment(name, default)
    elseif #default == 1 then
      default[1] = of_environment(name, default[1])
    end
  end
  if operator:find "=" then script.vars[name] = text_of(default) end
  return default
end

-- ${NAME}, ${NAME:-default}, ${NAME[@]}; nil when only a shell could tell.
local function parameter(script, text, quoted)
  local name, rest = text:match "^([%a_][%w_]*)(.*)$"
  if not name then name, rest = text:match "^(%d+)(.*)$" end
  if not name then return nil end
  local value
  if name:find "^%d" then
    value = argument(script, name)
  else
    value = value_of(script, name)
  end
  local index = rest:match "^%[(.-)%]$"
  if index == "*" and quoted and type(value) == "table" then return table.concat(value, " ") end
  if index == "@" or index == "*" then return value or nil end
  if index then
    local at = math.tointeger(tonumber(index))
    return type(value) == "table" and at and value[at + 1] or nil
  end
  if type(value) == "table" then value = value[1] or "" end
  if rest == "" then return value or nil end
  return operated(script, name, value, rest, quoted)
end

-- All arguments: a list, or a text, or nil where nobody can tell.
local function arguments(script, part)
  if script.arguments == false then return nil end
  if not script.arguments then
    script:note(("%s: the script's own arguments are left out"):format(part.source))
    return {}
  end
  local joined = part.quoted and part.source:find("*", 1, true)
  return joined and table.concat(script.arguments, " ") or script.arguments
end

local LOOKED_FOR = { "which%s+", "command%s+%-v%s+", "type%s+%-P%s+" }

-- The program that a command looks for, such as $(which qemu-system-x86_64) | nil
local function looked_for(code)
  local command = code:match "^%$%(%s*(.-)%s*%)$" or code:match "^`%s*(.-)%s*`$" or ""
  for _, how in ipairs(LOOKED_FOR) do
    local name = command:match("^" .. how .. "([%w_./-]+)$")
    if name then return name end
  end
end

-- What a part stands for: a text, or a list of words.
local function value_of_part(script, part)
  if part.text then return part.text end
  local value
  if part.at == "@" or part.at == "*" or part.var == "@" or part.var == "*" then
    value = arguments(script, part)
  elseif part.at and part.at:find "%d" then
    value = argument(script, part.at)
  elseif part.var then
    value = parameter(script, part.var, part.quoted)
  elseif part.code then
    value = looked_for(part.code)
  end
  if value ~= nil then return value end
  return mark(part.source)
end

-- A word that the shell makes other words of, by braces, the names of files or of users: its source
-- | nil
local function made_anew(word)
  local sources, shape = {}, {}
  for i, part in ipairs(word) do
    if part.blanks then return nil end
    sources[i] = part.text or part.source
    shape[i] = not part.quoted and part.text or "q"
  end
  local text = table.concat(shape)
  if text:find "[*?]" or text:find "{[^{}]*,[^{}]*}" or text:find "{[%w-]+%.%.[%w-]+}"
    or text:find "^~[%a_]" then
    return table.concat(sources)
  end
end

local function split(text)
  local list = {}
  for field in text:gmatch "%S+" do list[#list + 1] = field end
  return list
end

-- The words of a list; outside quotes each of them is split again.
local function words_of(part, value)
  if part.quoted or value.split then return value end
  local list = {}
  for _, each in ipairs(value) do table.move(split(each), 1, #split(each), #list + 1, list) end
  return list
end

-- The words that a word becomes. Unquoted values are split at blanks.
function fields_of(script, word)
  local source = made_anew(word)
  if source then return { mark(source) } end
  local out, open, gone = {}, nil, false
  local function add(text) open = (open or "") .. text end
  local function close()
    out[#out + 1] = open
    open = nil
  end
  for i, part in ipairs(word) do
    local value = value_of_part(script, part)
    if part.text and not part.blanks then
      local home = i == 1 and not part.quoted and value:find "^~%f[/%z]"
      add(home and script.host.home .. value:sub(2) or value)
    elseif type(value) == "string" and part.quoted then
      add(value)
    else
      local list = type(value) == "table" and words_of(part, value) or split(value)
      gone = gone or type(value) == "table" and #list == 0
      if type(value) == "string" and value:find "^%s" then close() end
      for n, each in ipairs(list) do
        if n > 1 then close() end
        add(each)
      end
      if type(value) == "string" and value:find "%s$" then close() end
    end
  end
  -- "$@" of nothing is no word at all
  if not (gone and open == "") then close() end
  return out
end

expand.fields = fields_of

return expand
