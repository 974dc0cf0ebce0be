-- SPDX-License-Identifier: MIT
-- The fields `cpu` and `cpus`: a model with its features, and a number of CPUs with their places.
local kind = require "lunik.schema.kind"
local plain = require "lunik.schema.plain"
local qemu = require "lunik.qemu"
local sorted = require "lunik.text.sorted"

local processor = {}

local model = 'a CPU model, or such with features: { "host", "+invtsc", vmx = true }'

-- What is wrong with a model and its features | nil
local function wrong(args)
  local first = args[1]
  if type(first) ~= "string" or first:find "^[+-]" then
    return "its first value is the model, such as \"host\""
  end
  for i = 2, #args do
    if type(args[i]) ~= "string" or not args[i]:find "^[+-][%w._-]+$" then
      return ("a feature such as \"+invtsc\" expected, got %s"):format(kind.show(args[i]))
    end
  end
  local why
  qemu.check("cpu", args, function(key, text)
    why = why or (type(key) == "string" and key .. ": " or "") .. text
  end)
  return why
end

-- Canonical: a name, or the arguments of -cpu.
processor.cpu = { name = "cpu", expects = model, read = function(value)
  if type(value) ~= "table" then
    local name, why = kind.word.read(value)
    if name then return name end
    return nil, type(value) == "string" and why
      or ("%s expected, got %s"):format(model, kind.show(value))
  end
  local args, why = plain.fields(value, { n = 0 })
  why = why or wrong(args)
  if why then return nil, why end
  return args
end }

-- From the outside to the inside.
local levels = { "drawers", "books", "sockets", "dies", "clusters", "modules", "cores", "threads" }

local number = kind.int(1, 1024)
local members = {}
for _, level in ipairs(levels) do members[level] = number end
local topology = kind.record("a topology such as { sockets = 1, cores = 4, threads = 2 }", members)

-- Canonical: a number, or a topology with `count`, how many CPUs it has.
processor.cpus = { name = "cpus", parse = number.parse,
  expects = number.expects .. ", or { sockets = 1, cores = 4, threads = 2 }",
  read = function(value, context)
  if type(value) ~= "table" then return number.read(value) end
  local places, why = topology.read(value, context)
  if not places then return nil, why end
  local count = 1
  for _, each in pairs(places) do count = count * each end
  if not next(places) or count > 1024 then
    return nil, ("%s expected, got %d CPUs"):format(processor.cpus.expects,
      next(places) and count or 0)
  end
  places.count = count
  return places
end }

-- Splits cpus into the number, which others ask for, and the topology.
function processor.settle(values)
  if type(values.cpus) ~= "table" then return end
  values.topology, values.cpus = values.cpus, values.cpus.count
end

-- Why a machine cannot grow to so many CPUs | nil: they come by whole outermost groups.
function processor.cannot_grow(most, machine)
  local places = machine.topology
  local group = places and places.count // (places.sockets or 1)
  if group and most % group ~= 0 then
    return ("cpus: sockets of %d CPUs each do not make %d"):format(group, most)
  end
end

-- The arguments of -smp; with room for `most` CPUs there are more sockets.
function processor.smp(machine, most)
  local places = machine.topology
  local args = { machine.cpus, maxcpus = most }
  for _, level in ipairs(levels) do args[level] = places and places[level] end
  if places and most then
    args.sockets = most // (places.count // (places.sockets or 1))
  end
  return args
end

-- The model and features of `cpu` and qemu.cpu { … } together: the latter's count, and its model
-- where the recipe gives no other | nil, why
function processor.merged(value, args, is_default)
  local out = type(value) == "table" and value or { value }
  if not is_default and out[1] ~= args[1] then
    return nil, ("the model is '%s' here, and was '%s' before"):format(args[1], out[1])
  end
  local made = table.move(out, 1, #out, 1, {})
  made[1] = args[1]
  table.move(args, 2, #args, #made + 1, made)
  for _, from in ipairs { out, args } do
    for _, name in ipairs(sorted(from)) do made[name] = from[name] end
  end
  return made
end

return processor
