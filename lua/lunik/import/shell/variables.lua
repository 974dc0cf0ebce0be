-- SPDX-License-Identifier: MIT
-- The variables of a script: what is assigned to them. One of which only running the script would
-- tell is false. The script is read as if it had been started without arguments: what a branch
-- makes of them is left out.
--   script: vars, note; depth = how many branches it is in, chained = behind && or ||
local variables = {}

local LONGEST, MOST = 1 << 20, 10000     -- bytes of a text, and words of a list

-- NAME[…]= where the index is more than text: as below. "#" is the next to those that are there.
local function computed(word)
  local name = word[1].text:match "^([%a_][%w_]*)%[[^%]]*$"
  for i = 2, name and #word or 0 do
    local plus, rest = (word[i].text or ""):match "^%](%+?)=(.*)$"
    if plus and not word[i].quoted then
      local next = i == 3 and word[2].source == "${#" .. name .. "[@]}"
      return name, next and "#" or "?", plus == "+", { { text = rest }, table.unpack(word, i + 1) }
    end
  end
end

-- NAME=, NAME[INDEX]=, NAME+= in front of a word: name, index, whether it adds, the word behind.
function variables.assignment(word)
  local first = word[1]
  if not first.text or first.quoted then return nil end
  local name, plus, rest = first.text:match "^([%a_][%w_]*)(%+?)=(.*)$"
  local index
  if not name then
    name, index, plus, rest = first.text:match "^([%a_][%w_]*)%[(.-)%](%+?)=(.*)$"
  end
  if not name then return computed(word) end
  local value = { { text = rest }, table.unpack(word, 2) }
  return name, index, plus == "+", value
end

local function as_list(value)
  if type(value) == "table" then return { table.unpack(value) } end
  return { value or nil }
end

-- Adding a text to a list adds to its first element, a list to a text makes a list of both.
local function added(before, value)
  if before == false or value == false then return false end
  if type(value) ~= "table" and type(before) ~= "table" then return (before or "") .. value end
  local list = as_list(before)
  if type(value) == "table" then return table.move(value, 1, #value, #list + 1, list) end
  list[1] = (list[1] or "") .. value
  return list
end

local function bounded(value)
  local size = type(value) == "table" and #table.concat(value) or value and #value or 0
  if size > LONGEST or type(value) == "table" and #value > MOST then return false end
  return value
end

-- What of a value is an argument of the script's own | nil
local function argument_in(value)
  local text = type(value) == "table" and table.concat(value, " ") or value or ""
  local source = text:match "%z(%$%d)%z" or text:match "%z(%${%d+[^%z]*)%z"
                 or text:match "%z(%$OPTARG)%z" or text:match "%z(%${OPTARG})%z"
  return source
end

-- Whether a branch would make it of the script's own arguments, which there are none of: said so.
local function left_out(script, name, value)
  local source = (script.depth > 0 or script.chained) and argument_in(value)
  if not source or script.vars[name] == false then return false end
  script:note(("%s: the script's own arguments are left out, and %s is as before"):format(source,
                                                                                          name))
  return true
end

-- Assigns a text, a list, or false.
function variables.assign(script, name, adds, value)
  if left_out(script, name, value) then return end
  if adds then value = added(script.vars[name], value) end
  script.vars[name] = bounded(value)
end

-- One element of a list: next to the others, or nobody can tell.
function variables.assign_element(script, name, index, adds, text)
  local list = as_list(script.vars[name])
  local at = index == "#" and #list or math.tointeger(tonumber(index))
  if script.vars[name] == false or not at or at < 0 or at > #list then
    script.vars[name] = false
    return
  end
  list[at + 1] = (adds and list[at + 1] or "") .. text
  script.vars[name] = bounded(list)
end

-- The words between brackets, of an array; false where they have indices of their own.
function variables.array(script, reader)
  local list, odd = {}, false
  for kind, token in reader.next, reader do
    if kind == "operator" and token == ")" then break end
    if kind == "word" then
      local text = not token[1].quoted and token[1].text
      odd = odd or text and text:find "^%[.*%]%+?=" ~= nil
      local fields = script:fields(token)
      table.move(fields, 1, #fields, #list + 1, list)
    end
  end
  return not odd and list
end

-- A variable that an expression assigns to is what nobody can tell.
function variables.compute(script, expression)
  for name in expression:gmatch "([%a_][%w_]*)%s*[-+*/%%&|^]*=%f[^=]" do
    script.vars[name] = false
  end
  for name in expression:gmatch "([%a_][%w_]*)%s*[+-][+-]" do script.vars[name] = false end
  for name in expression:gmatch "[+-][+-]%s*([%a_][%w_]*)" do script.vars[name] = false end
end

-- The value of an assignment, as a text.
function variables.text(script, value)
  for _, part in ipairs(value) do part.quoted = true end
  local text = table.concat(script:fields(value))
  return value[1].text:find "^~/" and script.host.home .. text:sub(2) or text
end

return variables
