-- SPDX-License-Identifier: MIT
-- The snapshot by which a supervisor runs a machine, and runs it again: the plan as data, and all
-- that the recipe read (texts, environment, facts of the host), so that its hooks come out the same
-- however the files look by then. It is written as Lua data, since paths and texts are bytes.
local snapshot = {}

local FORMAT = 2           -- changes with the meaning of anything in it
local VALUES = 1 << 18     -- in a text of anybody's; one machine has some thousands

snapshot.largest = 64 << 20

local write

local function key(value)
  if type(value) == "string" then return ("[%q]="):format(value) end
  return ("[%d]="):format(value)
end

local function write_table(value, out)
  local count = #value
  out[#out + 1] = "{"
  for i = 1, count do
    write(value[i], out)
    out[#out + 1] = ","
  end
  for name, each in next, value do
    if math.type(name) ~= "integer" or name < 1 or name > count then
      out[#out + 1] = key(name)
      write(each, out)
      out[#out + 1] = ","
    end
  end
  out[#out + 1] = "}"
end

-- Writes one value. %q leaves "\r" as it is, and Lua would read it as "\n".
function write(value, out)
  if type(value) == "table" then return write_table(value, out) end
  local text = ("%q"):format(value)
  out[#out + 1] = text:find("\r", 1, true) and text:gsub("\r", "\\r") or text
end

-- Tables of strings, numbers and booleans as text.
function snapshot.encode(value)
  local out = {}
  write(value, out)
  return table.concat(out)
end

-- The inverse | nil, why
function snapshot.decode(text)
  local chunk, why = load("return " .. text, "=snapshot", "t", {})
  if not chunk then return nil, why end
  local ok, value = pcall(chunk)
  if not ok or type(value) ~= "table" then return nil, "not a snapshot" end
  return value
end

local WORDS = { ["true"] = true, ["false"] = true, ["nil"] = true }

-- What is between the texts of Lua data | nil where one has no end, or there are too many.
local function between_texts(text)
  local out, at = {}, 1
  while true do
    local from = text:find('"', at, true)
    out[#out + 1] = text:sub(at, (from or 0) - 1)
    if not from then return table.concat(out, " ") end
    if #out > VALUES then return nil end
    repeat
      local stop, _, sign = text:find('(["\\])', from + 1)
      if not stop then return nil end
      from = sign == '"' and stop or stop + 1
    until sign == '"'
    at = from + 1
  end
end

-- Whether there are no more values than one machine has: each but a table is followed by a comma.
local function is_bounded(rest)
  return select(2, rest:gsub("[{,]", "", VALUES + 1)) <= VALUES
end

-- What stands between the texts of code, and nowhere in data. Long brackets are texts, too: in
-- them a quote begins none.
local CODE = { "[^%s%w%[%]{}=,.+()/-]", "%-%-", "%[=*%[" }

-- Whether a text is data as `encode` writes it: there is nothing in it to call, or to loop.
local function is_data(text)
  local rest = between_texts(text)
  if not rest or not is_bounded(rest) then return false end
  for _, pattern in ipairs(CODE) do
    if rest:find(pattern) then return false end
  end
  for word in rest:gmatch "%f[%w_]%a%w*" do
    if not WORDS[word] then return false end
  end
  return true
end

local RECIPE = { path = "string", shown = "string", dir = "string", inputs = "table",
                 set = "table" }

-- The snapshot in a text of anybody's | nil, why
function snapshot.restore(text)
  local kept = is_data(text) and snapshot.decode(text)
  if not kept then return nil, "snapshot: not what lunik has written" end
  local ok, why = snapshot.check(kept)
  if not ok then return nil, why end
  local plan, recipe = kept.plan, kept.recipe
  for _, name in ipairs { "name", "runtime", "state" } do
    if type(plan) ~= "table" or type(plan[name]) ~= "string" then
      return nil, "snapshot: it has no plan"
    end
  end
  for name, kind in pairs(RECIPE) do
    if type(recipe) ~= "table" or type(recipe[name]) ~= kind then
      return nil, "snapshot: it has no recipe"
    end
  end
  return kept
end

-- The snapshot in a machine's runtime directory | nil, why
function snapshot.of_directory(dir)
  local text, why = require "lunik.host".contents(dir .. "/snapshot", snapshot.largest)
  if not text then return nil, why end
  return snapshot.restore(text)
end

-- What is kept of a recipe: how to read it again. `active`: it has functions for a machine that
-- runs.
function snapshot.recipe(raw, set, active)
  return { path = raw.path, file = raw.context.file, shown = raw.shown, dir = raw.dir,
           inputs = raw.inputs, set = set or {}, active = active }
end

-- Takes the snapshot of a plan and the machine that it was made from. `set` is what --set said.
function snapshot.take(plan, machine, set)
  local data, why = plan:data()
  if not data then return nil, why end
  -- a recipe without hooks is not read again
  local active = #machine.hooks > 0 or #machine.policies > 0 or data.ready.kind == "function"
                 or data.template ~= nil
  return { format = FORMAT, plan = data, recipe = snapshot.recipe(machine.raw, set, active) }
end

-- The host as the recipe saw it when it was read. A fact that only its hooks ask for is today's.
local function replayed(recipe)
  local inputs = recipe.inputs
  local host = {}
  -- what only a hook asks for was not read: it is what this process has
  function host.env(name)
    if inputs.env[name] == nil then return os.getenv(name) end
    return inputs.env[name] or nil
  end
  function host.kind(path) return inputs.files[path] and "file" or nil end
  function host.real(path) return inputs.real[path] or path end
  function host.contents(path)
    local text = inputs.files[path]
    if text then return text end
    return nil, path .. ": was not read when the machine was started"
  end
  for name, value in pairs(inputs.facts) do host[name] = value end
  return setmetatable(host, { __index = function(_, name) return require "lunik.host"[name] end })
end

-- Whether this lunik understands it | nil, why
function snapshot.check(kept)
  if kept.format == FORMAT then return true end
  return nil, "the machine was started by another version of lunik: lunik down --force ends it"
end

-- Reads the recipe again: raw (lunik.recipe) | nil, problems
function snapshot.read(kept)
  local recipe = kept.recipe
  return require "lunik.recipe".load(recipe.path, replayed(recipe), { dir = recipe.dir })
end

return snapshot
