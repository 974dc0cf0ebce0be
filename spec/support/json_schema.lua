-- Holds a JSON value against a JSON schema (draft 2020-12), as far as docs/*.schema.json go; a word
-- of a schema that is not known here is an error of whoever wrote it.
local core = require "lunik.core"

local json_schema = {}

local notes = { ["$schema"] = true, ["$defs"] = true, title = true, description = true }

local function is_array(value) return core.json.is_array(value) end

local function type_of(value)
  if value == core.json.null then return "null" end
  if type(value) == "table" then return is_array(value) and "array" or "object" end
  return math.type(value) == "integer" and "integer" or type(value)
end

local judge

-- Why a value does not hold: a list of text, by the words of a schema.
local words = {}

function words.type(want, value, say)
  local is = type_of(value)
  if is ~= want and not (want == "number" and is == "integer") then
    say(("%s expected, got %s"):format(want, is))
  end
end

function words.const(want, value, say)
  if value ~= want then say(("%s expected"):format(tostring(want))) end
end

function words.enum(list, value, say)
  for _, each in ipairs(list) do
    if each == value then return end
  end
  say(tostring(value) .. " is none of the words")
end

function words.pattern(pattern, value, say)
  -- the one pattern that there is: words with dashes
  assert(pattern == "^[a-z]+(-[a-z]+)*$", pattern)
  if ("-" .. value):gsub("%-%l+", "") ~= "" then say(value .. " is no such word") end
end

function words.minimum(least, value, say)
  if type(value) == "number" and value < least then say "is less" end
end

function words.maxItems(most, value, say)
  if #value > most then say "has more members" end
end

function words.required(names, value, say)
  for _, name in ipairs(names) do
    if value[name] == nil then say("lacks " .. name) end
  end
end

function words.items(schema, value, say, root)
  for i, each in ipairs(value) do judge(schema, each, function(why)
    say(("[%d]: %s"):format(i, why))
  end, root) end
end

function words.properties(rows, value, say, root)
  for name, schema in pairs(rows) do
    if value[name] ~= nil then
      judge(schema, value[name], function(why) say(("%s: %s"):format(name, why)) end, root)
    end
  end
end

words["$ref"] = function(path, value, say, root)
  judge(assert(root["$defs"][path:match "^#/%$defs/(.*)$"], path), value, say, root)
end

function words.oneOf(list, value, say, root)
  local held, reasons = 0, {}
  for _, schema in ipairs(list) do
    local why
    judge(schema, value, function(text) why = why or text end, root)
    if why then reasons[#reasons + 1] = why else held = held + 1 end
  end
  if held ~= 1 then say(("%d of them hold: %s"):format(held, table.concat(reasons, "; "))) end
end

function judge(schema, value, say, root)
  if schema.type and type_of(value) ~= schema.type then
    return words.type(schema.type, value, say)
  end
  for word, argument in pairs(schema) do
    if word == "additionalProperties" then
      for name in pairs(value) do
        if not schema.properties[name] then say("has " .. tostring(name)) end
      end
    elseif not notes[word] then
      assert(words[word], word)(argument, value, say, root)
    end
  end
end

-- Why a value does not hold against a part of a schema (left out: all of it): a list of text.
function json_schema.problems(schema, value, part)
  local list = {}
  judge(part and schema["$defs"][part] or schema, value, function(why) list[#list + 1] = why end,
    schema)
  return list
end

return json_schema
