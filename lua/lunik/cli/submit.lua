-- SPDX-License-Identifier: MIT
-- `lunik submit`: a recipe as a job, or as an array of jobs, of an engine that queues them.
local arguments = require "lunik.cli.arguments"
local core = require "lunik.core"
local engines = require "lunik.fleet.engines"
local exit = require "lunik.exit"
local fleet = require "lunik.fleet"
local loop = require "lunik.async.loop"
local printable = require "lunik.text.printable"
local signal = require "lunik.system.signal"
local suggest = require "lunik.text.suggest"

local submit = { name = "submit", summary = "hand a recipe to a queue, as one job or many",
                 program = true }
submit.example = "lunik submit vm.lua --each names.txt -- ./process {}"
submit.more = {
  "lunik submit vm.lua --sweep cpus=1,2,4 --set memory=2G -j 2 --retries 0 --json -- make test",
  "lunik submit vm.lua --engine slurm --time 1:00:00 --memory 6G --cache 20G -- make test",
  "lunik submit vm.lua --partition long --account lab --gres gpu:1 --constraint avx2 -- make test",
  "lunik submit vm.lua --engine kubernetes --print --image lunik:1 --claim results -- make test" }

local LARGEST = 4 << 20    -- bytes of a list

local function count(least, name)
  return function(text)
    local number = math.tointeger(text)
    if number and number >= least then return number end
    return nil, ("%s: a whole number from %d on expected, got '%s'"):format(name, least, text)
  end
end

local function engine(text)
  for _, name in ipairs(engines.names) do
    if name == text then return text end
  end
  return nil, ("--engine: no engine '%s'%s"):format(text,
    suggest.hint_or_all(text, engines.names, 8))
end

function submit.args(command)
  arguments.recipe(command)
  command:option("--engine", "local, slurm or kubernetes (with --print); left out: slurm where "
    .. "sbatch is, else local"):argname "NAME":convert(engine)
  command:option("--each", "a job for each line of a file (- is standard input): {} stands for the "
    .. "line, in the program's words and in --set"):argname "FILE"
  command:option("--sweep", "a job for each of the values; several: for each of one with each of "
    .. "the others"):argname "FIELD=A,B,…":count "*"
  command:option("-j --jobs", "how many at once"):argname "COUNT":convert(count(1, "-j"))
  command:option("--retries", ("how often a job is tried again where the host was at fault; "
    .. "default: %d"):format(fleet.RETRIES)):argname "COUNT":convert(count(0, "--retries"))
  command:option("--memory", "what each job may have, where what is reckoned is not right")
    :argname "SIZE"
  command:option("--cache", "Slurm: each node keeps copies of images that are only read, so much "
    .. "at most"):argname "SIZE"
  command:option("--time", "Slurm: the limit of each job, as sbatch has it"):argname "TIME"
  for _, name in ipairs { "gres", "constraint", "partition", "account" } do
    command:option("--" .. name, "Slurm: as sbatch has it"):argname "WORD"
  end
  command:option("--image", "Kubernetes: the container's image, with lunik in it"):argname "NAME"
  command:option("--claim", "Kubernetes: the volume claim that results go to"):argname "NAME"
  command:flag("--print", "print what would be handed over; nothing is queued")
  command:flag("--json", "as JSON")
  command:epilog("-- PROGRAM …: run a program in each guest, then stop the machine; its exit "
    .. "status is the job's.")
end

-- "cpus=1,2" of --sweep: values by field | nil, why
local function sweep(list)
  if #list == 0 then return nil end
  local out = {}
  for _, text in ipairs(list) do
    local name, values = text:match "^([%w_]+)=(.+)$"
    if not name then return false, ("--sweep: FIELD=A,B,… expected, got '%s'"):format(text) end
    if out[name] then return false, ("--sweep: %s stands twice"):format(name) end
    out[name] = {}
    for value in values:gmatch "[^,]+" do table.insert(out[name], value) end
  end
  return out
end

local function lines(path)
  if not path then return nil end
  local file, why = io.stdin, nil
  if path ~= "-" then file, why = io.open(path, "rb") end
  if not file then return false, "--each: " .. why end
  local text = file:read(LARGEST + 1) or ""
  if path ~= "-" then file:close() end
  if #text > LARGEST then return false, "--each: more than 4 MiB" end
  local list = {}
  for line in text:gmatch "[^\n]+" do list[#list + 1] = line end
  return list
end

-- Options that one engine alone has a use for.
local ONLY = { { "slurm", "cache", "time", "gres", "constraint", "partition", "account" },
               { "kubernetes", "image", "claim" } }

-- Why an option is given in vain | nil
local function misplaced(args, engine_name)
  for _, row in ipairs(ONLY) do
    for i = 2, #row do
      if args[row[i]] and engine_name ~= row[1] then
        return ("--%s: is for --engine %s, and this is %s"):format(row[i], row[1], engine_name)
      end
    end
  end
end

-- A size, where one is given | nil, why
local function bytes(text)
  if text then return require "lunik.schema.kind".size.read(text) end
end

-- What is asked | nil, why
local function read(args)
  local set, why = arguments.settings(args.set)
  if not set then return nil, why end
  local asked = { engine = args.engine or engines.usual(), set = set, command = args.program,
    retries = args.retries, at_once = args.jobs, time = args.time, gres = args.gres,
    constraint = args.constraint, partition = args.partition, account = args.account,
    image = args.image, claim = args.claim }
  asked.sweep, why = sweep(args.sweep)
  if asked.sweep == false then return nil, why end
  asked.each, why = lines(args.each)
  if asked.each == false then return nil, why end
  asked.memory, why = bytes(args.memory)
  if why then return nil, "--memory: " .. why end
  asked.cache, why = bytes(args.cache)
  if why then return nil, "--cache: " .. why end
  why = misplaced(args, asked.engine)
  if why then return nil, why end
  if asked.engine ~= "kubernetes" then return asked end
  if not args.print then return nil, "--engine kubernetes: lunik prints its manifest: --print" end
  if not args.image then return nil, "--engine kubernetes: --image says in which container" end
  return asked
end

local function print(self, batches)
  local kubernetes = self.asked.engine == "kubernetes"
  for _, batch in ipairs(batches) do
    local text, why = fleet.script(batch, self.asked)
    if not text then return nil, why, exit.problems end
    if kubernetes then
      local manifest = require "lunik.fleet.kubernetes".manifest(batch, text, self.asked)
      text = core.json.encode(manifest) .. "\n"
    end
    self.out:write(text)
  end
  return exit.ok
end

local function id_of(found) return ("%s:%s"):format(found.batch.engine, found.id or found.key) end

local function tell(self, found)
  if self.args.json then
    self.out:write(core.json.encode { lunik = 1, kind = "submitted", batch = id_of(found),
      jobs = #found.batch.jobs, folder = printable(found.path) }, "\n")
  else
    self.out:write(id_of(found), "\n")
    local many = #found.batch.jobs
    self.err:write(("lunik: %d job%s, in %s\n"):format(many, many == 1 and "" or "s",
      printable(found.path)))
  end
  self.out:flush()
end

local function tell_job(self, one)
  if self.args.json then
    self.out:write(core.json.encode { lunik = 1, kind = "over", job = one.job, name = one.name,
      state = one.state, code = one.code, text = one.text }, "\n")
    return self.out:flush()
  end
  self.err:write(("%s: %s%s%s%s\n"):format(one.job, one.state,
    one.state == "failed" and (" (%d)"):format(one.code) or "",
    one.name ~= "" and ": " .. one.name or "", one.text and ": " .. one.text or ""))
  self.err:flush()
end

-- Runs a batch here to its end: the worst exit code
local function run_here(self, found)
  local state = require "lunik.fleet.state"
  local queue
  queue = require "lunik.fleet.local".new(self.loop, found, { at_once = self.asked.at_once,
    tell = function(_, one) tell_job(self, one) end })
  local signals <close> = assert(core.signals.open { signal.INT, signal.TERM, signal.HUP })
  local listener = self.loop:spawn("signals", function()
    while true do
      self.loop:wait(signals:fd(), "r")
      if signals:next(0) then
        self.interrupted = true
        queue:stop()
      end
    end
  end)
  queue:work()
  listener:cancel()
  local _, worst = state.sum(state.all(found, {}))
  return self.interrupted and exit.interrupted or worst
end

local function work(self, plan_of)
  local prepared, problems = fleet.prepare(self.loop, self.asked, plan_of)
  if not prepared then return nil, fleet.text(problems), exit.problems end
  for _, note in ipairs(prepared.notes) do self.err:write("lunik: note: ", note, "\n") end
  if self.args.print then return print(self, prepared.batches) end
  local worst = exit.ok
  for _, batch in ipairs(prepared.batches) do
    local found, why = fleet.queue(self.loop, batch, self.asked)
    if not found then return nil, why, exit.start end
    tell(self, found)
    if self.asked.engine == "local" and not self.interrupted then
      worst = math.max(worst, run_here(self, found))
    end
  end
  return worst
end

function submit.run(args, out, err)
  local asked, why = read(args)
  if not asked then return nil, why, exit.usage end
  local lunik = require "lunik"
  local l <close> = loop.new()
  local self = { loop = l, args = args, asked = asked, out = out, err = err }
  return l:run(work, self, function(set)
    return lunik.plan(args.recipe, { set = set, limit_memory = true,
      anyway = asked.engine ~= "local" })
  end)
end

return submit
