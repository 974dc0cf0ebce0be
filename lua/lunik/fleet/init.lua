-- SPDX-License-Identifier: MIT
-- Recipes as jobs: one recipe, or an array of it, is made data and handed to an engine that queues,
-- limits, retries and cleans up. Everything is checked before anything is queued.
local check = require "lunik.schema.check"
local engines = require "lunik.fleet.engines"
local find_problems = require "lunik.fleet.check"
local host = require "lunik.host"
local image = require "lunik.fleet.image"
local jobs = require "lunik.fleet.jobs"
local printable = require "lunik.text.printable"
local program = require "lunik.program"
local records = require "lunik.fleet.records"
local resources = require "lunik.fleet.resources"
local script = require "lunik.fleet.script"
local sorted = require "lunik.text.sorted"

local fleet = {}

fleet.RETRIES = 2

local function text_of(set)
  local words = {}
  for _, name in ipairs(sorted(set)) do words[#words + 1] = ("%q=%q"):format(name, set[name]) end
  return table.concat(words, " ")
end

-- Adds the files that a recipe has read, so that all jobs are of the recipe as it is now.
local function add_files(into, machine)
  for _, path in ipairs(sorted(machine.raw.inputs.files)) do
    local known = into[path]
    into[path] = true
    if not known then into[#into + 1] = { path = path, text = machine.raw.inputs.files[path] } end
  end
end

local function list_of(files) return table.move(files, 1, #files, 1, {}) end

local function named(problems, job)
  if job.name == "" then return problems end
  local out = {}
  for i, each in ipairs(problems) do
    out[i] = setmetatable({ why = ("%s (job %s)"):format(each.why, job.name) }, { __index = each })
  end
  return out
end

-- Adds the images that a machine only reads: those that nodes may keep, and those that stand on
-- others.
local function add_bases(out, machine)
  local whole, others = image.bases(machine)
  for into, paths in pairs { [out.bases] = whole, [out.others] = others } do
    for _, path in ipairs(paths) do
      if not into[path] then into[#into + 1] = path end
      into[path] = true
    end
  end
end

-- Plans each machine that the jobs have, once: { name, machine, resources, files, bases, others,
-- in_place, stop } | nil, problems
local function plan_all(list, plan_of)
  local seen, out = {}, { needs = {}, files = {}, bases = {}, others = {}, stop = 0 }
  for _, job in ipairs(list) do
    local key = text_of(job.set)
    if not seen[key] then
      local plan, machine = plan_of(job.set)
      if not plan then return nil, named(machine, job) end
      local problems = find_problems(plan, machine, job.command, #list)
      if #problems > 0 then return nil, named(problems, job) end
      seen[key] = true
      out.needs[#out.needs + 1] = resources.of(plan, machine)
      out.name, out.machine = out.name or plan.name, out.machine or machine
      out.stop = math.max(out.stop, plan.stop.powerdown)
      out.in_place = out.in_place or image.in_place(machine)
      add_files(out.files, machine)
      add_bases(out, machine)
    end
  end
  return out
end

-- What nodes are to keep: { path, sum, bytes } each | nil, why
local function sums(paths)
  local list = {}
  for i, path in ipairs(paths) do
    local found, why = image.sum(path)
    if not found then return nil, why end
    list[i] = { path = path, sum = found.sum, bytes = found.bytes }
  end
  return list
end

local function problem(why) return nil, { { why = why } } end

-- The batches, each an array that the site takes.
local function cut(list, most)
  local parts = {}
  for first = 1, #list, most do
    parts[#parts + 1] = table.move(list, first, math.min(first + most - 1, #list), 1, {})
  end
  return parts
end

local function new_batch(asked, planned, part, site)
  local machine = planned.machine
  local need = resources.most(planned.needs)
  need.memory = asked.memory or need.memory
  -- here an attempt has ended before the next begins; a node may only be taken for dead
  local once = asked.engine ~= "local" and planned.in_place or nil
  return { lunik = 1, name = planned.name, engine = asked.engine, recipe = machine.raw.context.file,
    submitted = asked.dir or host.real ".", files = list_of(planned.files), jobs = part,
    retries = once and 0 or asked.retries or fleet.RETRIES, once = once, cache = asked.cache,
    images = planned.images, results = machine.results, resources = need,
    grace = site.grace, time = asked.time,
    tb_size = resources.tb_size(machine.memory) }
end

-- What a person is told of images, whatever the engine.
local function add_notes(notes, batch, planned)
  if batch.once then
    notes[#notes + 1] = ("%s is written where it lies, so the job is never run again: overlay = "
      .. "\"PATH\" has each attempt write a copy"):format(printable(batch.once))
  end
  for _, path in ipairs(batch.cache and planned.others or {}) do
    notes[#notes + 1] = ("%s stands on other files: nodes read it where it is"):format(
      printable(path))
  end
end

-- Makes what was asked for data: { batches, site, notes } | nil, problems. asked: engine, set,
-- command, sweep, each, retries, dir, and the engine's own; plan_of(set) is lunik.plan of the
-- recipe, as far as the engine's nodes are this host.
function fleet.prepare(loop, asked, plan_of)
  local engine = engines.find(asked.engine)
  local why = engine.refuse and engine.refuse(asked)
  if why then return problem(why) end
  local list
  list, why = jobs.of(asked)
  if not list then return problem(why) end
  local planned, problems = plan_all(list, plan_of)
  if not planned then return nil, problems end
  if asked.cache then planned.images, why = sums(planned.bases) end
  if why then return problem(why) end
  local site = { most = #list }
  if engine.site then site, why = engine.site(loop) end
  if not site then
    return problem(("%s does not answer: %s; --engine local runs jobs here"):format(asked.engine,
      why))
  end
  local out = { batches = {}, site = site, notes = {} }
  for i, part in ipairs(cut(list, site.most)) do
    out.batches[i] = new_batch(asked, planned, part, site)
  end
  if engine.demand then engine.demand(asked, out.batches[1], site) end
  if engine.notes then out.notes = engine.notes(site, out.batches[1], planned.stop) end
  add_notes(out.notes, out.batches[1], planned)
  return out
end

-- The text of a batch's script | nil, why. Before it is queued its folder may not be known.
function fleet.script(batch, asked)
  local engine = engines.find(batch.engine)
  local path, why = program.path()
  if not path then return nil, why end
  batch.folder = batch.folder or engine.results
                 or ("%s/%s/%s-1"):format(batch.submitted, records.folder, batch.name)
  return script.encode(batch, engine.directives and engine.directives(batch, asked) or {}, path)
end

-- Makes a batch's folder, with its script: as lunik.fleet.records has one | nil, why
local function settle(batch, asked)
  local key, path = records.new(batch.submitted, batch.name)
  if not key then return nil, path end
  batch.folder = path
  local text, why = fleet.script(batch, asked)
  local ok = text
  if ok then ok, why = records.make_jobs(path, #batch.jobs) end
  if ok then ok, why = require "lunik.store.records".write(path .. "/job", text) end
  if ok then ok, why = records.save_batch(path, batch) end
  if ok then return { batch = batch, path = path, key = key } end
  require "lunik.fleet.tree"(path)
  return nil, why
end

-- Queues a batch: as lunik.fleet.records has one, with its id | nil, why. One for this machine is
-- only made: whoever has it runs it (lunik.fleet.local).
function fleet.queue(loop, batch, asked)
  local found, why = settle(batch, asked)
  if not found then return nil, why end
  local engine = engines.find(batch.engine)
  if not engine.submit then return found end
  found.id, why = engine.submit(loop, batch, found.path .. "/job")
  if not found.id then
    require "lunik.fleet.tree"(found.path)
    return nil, why
  end
  local ok
  ok, why = records.save_batch(found.path, batch, found.id)
  if ok then return found end
  return nil, ("queued as %s, but not written down: %s"):format(found.id, why)
end

-- Runs the jobs of a batch on this machine to their end: the worst exit code
local function run_here(loop, found, at_once)
  require "lunik.fleet.local".new(loop, found, { at_once = at_once, tell = function() end }):work()
  local state = require "lunik.fleet.state"
  local _, worst = state.sum(state.all(found, {}))
  return worst
end

-- What lunik.submit gives, in a task of `loop`: a list of { batch, folder, jobs, code } | nil,
-- problems
function fleet.submit(loop, asked, plan_of)
  local prepared, problems = fleet.prepare(loop, asked, plan_of)
  if not prepared then return nil, problems end
  local list = {}
  for i, batch in ipairs(prepared.batches) do
    local found, why = fleet.queue(loop, batch, asked)
    if not found then return problem(why) end
    list[i] = { batch = ("%s:%s"):format(asked.engine, found.id or found.key),
                folder = found.path, jobs = #batch.jobs,
                code = asked.engine == "local" and run_here(loop, found, asked.at_once) or nil }
  end
  return list
end

-- The host as a recipe's files were read when it was submitted; all else is this node's.
function fleet.host_of(batch)
  local files, seen = {}, {}
  for _, one in ipairs(batch.files) do files[one.path] = one.text end
  function seen.kind(path) return files[path] and "file" or host.kind(path) end
  function seen.contents(path, most)
    if files[path] then return files[path] end
    return host.contents(path, most)
  end
  return setmetatable(seen, { __index = host })
end

-- A text for people of a list of problems.
function fleet.text(problems) return check.text_of(problems) end

return fleet
