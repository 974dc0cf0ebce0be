-- SPDX-License-Identifier: MIT
-- A CPU as QEMU expands it. On x86 the model and features that were asked for become `base` with
-- all features of their own: what `max` or `host` mean there and then. That static expansion loses
-- what is no feature (phys-bits, hv-*, level, caches): the full expansions of both are held against
-- each other, and what differs is added. Elsewhere QEMU has no such expansion, and a CPU is what
-- was asked for together with QEMU's version.
local sorted = require "lunik.text.sorted"

local processor = {}

-- How features were chosen, and what becomes of those that are not there: none is one itself.
local ABOUT = { migratable = true, enforce = true, check = true }

-- "max,-rdrand,+invtsc,level=13" -> "max", { rdrand = "off", … }, as x86 reads it: a
-- comma has no way into a value
function processor.read(text)
  local model, properties = nil, {}
  for word in (text .. ","):gmatch "([^,]*)," do
    local sign, name = word:match "^([+-])(.+)$"
    local key, value = word:match "^([^=]+)=(.*)$"
    if not model then
      model = word
    elseif sign then
      properties[name:gsub("_", "-")] = sign == "+" and "on" or "off"
    elseif key then
      properties[key:gsub("_", "-")] = value
    elseif word ~= "" then
      properties[word:gsub("_", "-")] = "on"
    end
  end
  return model, properties
end

local TRUTH = { on = true, yes = true, ["true"] = true, y = true, off = false, no = false,
                ["false"] = false, n = false }

-- A text as the property has it: what the expansion says of it tells its type.
local function typed(text, like)
  if type(like) == "boolean" then return TRUTH[text] end
  if type(like) == "number" then return math.tointeger(tonumber(text)) end
  return text
end

local function expand(execute, kind, name, properties)
  local answer, why = execute("query-cpu-model-expansion",
    { type = kind, model = { name = name, props = next(properties) and properties or nil } })
  if not answer then return nil, why end
  return answer.model.name, answer.model.props or {}
end

-- What was asked for, with values of the right types; a name that QEMU does not expand is left out.
local function asked_for(texts, known)
  local out = {}
  for name, text in pairs(texts) do
    if known[name] ~= nil then out[name] = typed(text, known[name]) end
  end
  return out
end

-- What two full expansions differ in: what the first says; and a name that only the first knows,
-- and has. The tables of caches that a model has of its own no other can be given.
function processor.lost(before, after)
  local out, without = {}, nil
  for name, value in pairs(before) do
    if name == "legacy-cache" and not value and after[name] then
      without = "caches of its own"
    elseif after[name] == nil or ABOUT[name] then
      if value and not ABOUT[name] then without = name end
    elseif after[name] ~= value and type(value) ~= "table" then
      out[name] = value
    end
  end
  return out, without
end

-- The first CPU's object: its path | nil, why
local function first(execute)
  local cpus, why = execute "query-cpus-fast"
  if not cpus or not cpus[1] then return nil, why or "it has no CPU" end
  return cpus[1]["qom-path"]
end

-- The width of addresses that it has: 0 is what is asked for, mostly, and means this.
local function width(execute, path)
  local bits = execute("qom-get", { path = path, property = "phys-bits" })
  return math.type(bits) == "integer" and bits > 0 and bits or nil
end

-- What it is called as it runs. A QEMU of 10 expands `max` to one of family 0.
local IDENTITY = { "family", "model", "stepping" }

local function identify(execute, path, properties)
  for _, name in ipairs(IDENTITY) do
    local value = execute("qom-get", { path = path, property = name })
    if math.type(value) == "integer" then properties[name] = value end
  end
end

-- The model of an object, where nobody has asked for one | nil, why
local function model_of(execute, path)
  local object, why = execute("qom-get", { path = path, property = "type" })
  if not object then return nil, why end
  return (object:gsub("%-[%w_]+%-cpu$", ""))
end

-- A value that -cpu cannot say | nil
local function unsayable(properties)
  for _, name in ipairs(sorted(properties)) do
    local value = properties[name]
    if type(value) == "string" and value:find "," then
      return ("the CPU's %s has a comma, which -cpu cannot say: %s"):format(name, value)
    end
  end
end

-- The features that are on: `base` is defined to have none, in every QEMU.
local function features(properties)
  local out = {}
  for name, value in pairs(properties) do out[name] = value or nil end
  return out
end

-- The properties by which `name`, the static expansion of a model, is all that this is | nil, why
local function whole(execute, path, model, wanted, name, properties)
  local ok, before, after
  ok, before = expand(execute, "full", model, wanted)
  if ok then ok, after = expand(execute, "full", name, properties) end
  if not ok then return nil, after or before end
  local lost, without = processor.lost(before, after)
  if without then return nil, ("a CPU with %s can only be had as '%s'"):format(without, model) end
  properties = features(properties)
  -- what this QEMU was told of the model, its expansion has without being asked
  for key, value in pairs(model == name and wanted or lost) do
    if not ABOUT[key] then properties[key] = value end
  end
  properties["phys-bits"] = width(execute, path) or properties["phys-bits"]
  identify(execute, path, properties)
  local why = unsayable(properties)
  if why then return nil, why end
  return properties
end

-- The CPU of a running machine: { asked, model, properties = of `model` } on x86; else { asked,
-- model, loose = why it has no other name } | nil, why. `asked`: the argument of -cpu | nil
function processor.ask(execute, asked)
  local path, why = first(execute)
  if path and not asked then asked, why = model_of(execute, path) end
  if not path or not asked then return nil, why end
  local model, texts = processor.read(asked)
  local ok, known = expand(execute, "full", model, {})
  local wanted = ok and asked_for(texts, known)
  local name, properties
  if wanted then name, properties = expand(execute, "static", model, wanted) end
  if not name then properties, why = nil, wanted and properties or known end
  if name then properties, why = whole(execute, path, model, wanted, name, properties) end
  if not properties then return { asked = asked, model = model, loose = why } end
  return { asked = asked, model = name, properties = properties }
end

return processor
