-- SPDX-License-Identifier: MIT
-- The batch script: a file of data whose interpreter is lunik, so that no text is pasted into a
-- shell and arguments stay a list. Its lines of directives are comments to lunik; the rest is JSON.
local core = require "lunik.core"
local portable = require "lunik.store.portable"
local shape = require "lunik.store.shape"

local script = {}

script.largest = 3 << 20   -- bytes: Slurm takes 4 MiB

local LONGEST = 250        -- bytes of a first line, Linux's BINPRM_BUF_SIZE

-- The first line | nil, why
local function interpreter(path)
  local line = ("#!%s job"):format(path)
  if path:find "%s" then return nil, ("%s: no blanks, in a script's first line"):format(path) end
  if #line > LONGEST then return nil, path .. ": too long for a script's first line" end
  return line
end

-- The text of a batch, run by the lunik at `program` | nil, why
function script.encode(batch, directives, program)
  local first, why = interpreter(program)
  if not first then return nil, why end
  local lines = { first }
  for _, each in ipairs(directives) do lines[#lines + 1] = each end
  lines[#lines + 1] = core.json.encode(portable.encode(batch))
  local text = table.concat(lines, "\n") .. "\n"
  if #text > script.largest then
    return nil, ("the recipe and its jobs make %d bytes: a batch script has at most %d"):format(
      #text, script.largest)
  end
  return text
end

local texts = shape.map(shape.text)
local words = shape.list(shape.text)
local FILE = shape.object({ path = shape.text, text = portable.bytes }, {})
local JOB = shape.object({ name = shape.text, set = texts }, { command = words })

local IMAGE = shape.object({ path = portable.bytes, sum = shape.text, bytes = shape.integer }, {})

local FORMS = {
  name = shape.text, engine = shape.text, recipe = shape.text, submitted = shape.text,
  folder = shape.text, files = shape.list(FILE), jobs = shape.list(JOB), retries = shape.integer,
  results = shape.text, grace = shape.integer, tb_size = shape.integer, program = shape.text,
  images = shape.list(IMAGE), cache = shape.integer, once = portable.bytes,
  resources = shape.object({ cpus = shape.integer, memory = shape.integer },
                           { seconds = shape.integer, kvm = shape.boolean }),
}

local NEEDED = { "name", "engine", "recipe", "submitted", "folder", "files", "jobs", "retries",
                 "resources" }

-- The batch in a value of anybody's | nil, why
function script.read(value)
  if type(value) ~= "table" or value.lunik ~= 1 then return nil, "no batch of this lunik's" end
  local batch, wrong = shape.read(FORMS, value)
  for _, name in ipairs(NEEDED) do
    if batch[name] == nil then wrong = wrong or name end
  end
  if wrong then return nil, wrong .. " is not what it should be" end
  batch.lunik = 1
  return batch
end

-- The batch in a script's text | nil, why
function script.decode(text)
  local at = 1
  while text:sub(at, at) == "#" do at = (text:find("\n", at, true) or #text) + 1 end
  local value, why = core.json.decode(text:sub(at))
  if value == nil then return nil, why end
  return script.read(value)
end

return script
