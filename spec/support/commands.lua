-- Command lines of lunik in a text: what the docs tell people to type, read by the program itself.
local cli = require "lunik.cli"
local usage = require "lunik.cli.usage"

local commands = {}

-- The words of a line of shell, as far as the docs go: quotes, a comment, what ends a command | nil
-- where lunik is not what it runs.
local function words_of(line)
  local words, at = {}, 1
  while true do
    at = line:find("%S", at)
    local rest = at and line:sub(at)
    if not rest or rest:find "^#" or rest:find "^[|;&]" or rest:find "^%d*[<>]" then break end
    local word = ""
    while rest ~= "" and not rest:find "^[%s;|]" do
      local piece = rest:match "^'[^']*'" or rest:match '^"[^"]*"' or rest:match "^[^%s'\";|]+"
      if not piece then return nil end
      word, rest = word .. piece:gsub("^(['\"])(.*)%1$", "%2"), rest:sub(#piece + 1)
    end
    words[#words + 1], at = word, #line - #rest + 1
  end
  return words
end

-- Why the program cannot read a line that runs it | nil
function commands.wrong(line)
  local words = words_of(line)
  if not words or table.remove(words, 1) ~= "lunik" then return nil end
  if not cli.verb(words[1] or "") then return ("no verb '%s'"):format(words[1]) end
  local read, why = cli.read(words)
  return not read and why or nil
end

-- Whether some lines have an option, by one of its names; what stands after "--" is the guest's.
function commands.have(lines, names)
  for _, line in ipairs(lines) do
    for _, word in ipairs(words_of(line)) do
      if word == "--" then break end
      for _, name in ipairs(names) do
        if word == name then return true end
      end
    end
  end
  return false
end

-- The options of a verb, a set.
local function options_of(verb)
  local found = { ["--help"] = true, ["-h"] = true }
  for _, option in ipairs(usage.of(verb).options) do
    for _, name in ipairs(option.names) do found[name] = true end
  end
  for _, option in ipairs(usage.of(verb, true).options) do
    for _, name in ipairs(option.names) do found[name] = true end
  end
  return found
end

-- What is wrong with a command that stands in a sentence, where words may be left out | nil
function commands.misspelt(span)
  local name, rest = span:match "^lunik ([%l-]+)(.*)$"
  if not name then return nil end
  local verb = cli.verb(name)
  if not verb then return ("no verb '%s'"):format(name) end
  local known = options_of(verb)
  for option in rest:gsub(" %-%- .*", ""):gmatch "%f[^%s%[]%-%-?%l[%w-]*" do
    if not known[option] then return ("'%s' has no %s"):format(name, option) end
  end
end

return commands
