-- SPDX-License-Identifier: MIT
-- Hands batches to Slurm, by its own programs: sbatch, squeue, scancel, srun, scontrol. lunik
-- speaks to none of its daemons, opens no port and keeps no credentials.
local command = require "lunik.process.command"
local environment = require "lunik.process.environment"
local printable = require "lunik.text.printable"

local slurm = {}

local PATIENCE = 60        -- seconds for one of its programs
local LEAD = 60            -- seconds before a job's time is over: Slurm looks every 30 or so
local MARGIN = 2           -- of KillWait, for the kernel and the job's last words
local MANY = 1001          -- MaxArraySize where a site says nothing

slurm.name = "slurm"

-- What one of Slurm's programs prints | nil, why. All is asked by this: specs have their own.
function slurm.ask(loop, argv, options)
  local asked = { seconds = PATIENCE, env = environment() }
  for name, value in pairs(options or {}) do asked[name] = value end
  local done, why = command.run(loop, argv, asked)
  if not done then return nil, why end
  if done.status == 0 then return done.out end
  return nil, printable(("%s: %s"):format(argv[1], command.describe(done)))
end

-- What `scontrol show config` says, by name | nil, why
function slurm.config(loop)
  local text, why = slurm.ask(loop, { "scontrol", "show", "config" })
  if not text then return nil, why end
  local config = {}
  for line in text:gmatch "[^\n]+" do
    local name, value = line:match "^(%w+)%s*=%s*(.-)%s*$"
    if name then config[name] = value end
  end
  return config
end

local function number(text, default) return math.tointeger((text or ""):match "^%d+") or default end

-- By which option a site's nodes with KVM are asked for, as far as they say so | nil
local function option_of_kvm(text)
  for line in text:gmatch "[^\n]+" do
    local features, gres = line:match "^([^|]*)|(.*)$"
    if ("," .. (features or "") .. ","):find ",kvm," then return "constraint" end
    if ("," .. (gres or "")):find ",kvm:" then return "gres" end
  end
end

-- What of a site matters to a batch | nil, why: most (jobs of an array), grace (seconds between the
-- request to end and the end), held (memory is), kvm (the option that asks for it)
function slurm.site(loop)
  local config, why = slurm.config(loop)
  if not config then return nil, why end
  local nodes
  nodes, why = slurm.ask(loop, { "sinfo", "--noheader", "--format=%f|%G" })
  if not nodes then return nil, why end
  local task = config.TaskPlugin or ""
  return { most = number(config.MaxArraySize, MANY) - 1,
           grace = math.max(1, number(config.KillWait, 30) - MARGIN),
           kvm = option_of_kvm(nodes),
           held = task:find("cgroup", 1, true) ~= nil and config.ConstrainRAMSpace ~= "no" }
end

-- Asks for what a batch needs of a node, by what the site calls it.
function slurm.demand(asked, batch, site)
  if not batch.resources.kvm or not site.kvm or asked[site.kvm] then return end
  asked[site.kvm] = site.kvm == "gres" and "kvm:1" or "kvm"
end

-- What a person is told of a site.
function slurm.notes(site, batch, wanted)
  local notes = {}
  if wanted > site.grace then
    notes[1] = ("the site kills a job %d s after it was cancelled (KillWait): the guest has %d s "
      .. "to power off, not %g"):format(site.grace + MARGIN, site.grace, wanted)
  end
  if not site.held then
    notes[#notes + 1] = "the site does not hold jobs to their memory (task/cgroup, "
      .. "ConstrainRAMSpace)"
  end
  if batch.resources.kvm and not site.kvm then
    notes[#notes + 1] = "no node says that it has KVM (a feature or a gres 'kvm'): a job fails on "
      .. "one that has none"
  end
  if batch.resources.seconds == nil and not batch.time then
    notes[#notes + 1] = 'the recipe has no life = "10m": the jobs have the partition\'s time'
  end
  return notes
end

local WORD = "^[%w_.,:=&|%[%]()*+-]+$"    -- of --gres, --constraint, --partition

-- Why an option cannot be handed on | nil
function slurm.refuse(options)
  for _, name in ipairs { "gres", "constraint", "partition", "account", "time" } do
    local value = options[name]
    if value and not value:find(WORD) then
      return ("--%s: %s: not a word of Slurm's"):format(name, printable(value))
    end
  end
end

local function minutes(batch, options)
  if options.time then return options.time end
  local seconds = batch.resources.seconds
  return seconds and tostring((seconds + LEAD + 59) // 60)
end

-- The directives of a script, which are comments to lunik.
function slurm.directives(batch, options)
  local time = minutes(batch, options)
  local list = {
    "--job-name=" .. batch.name,
    ("--array=1-%d%s"):format(#batch.jobs, options.at_once and "%" .. options.at_once or ""),
    "--nodes=1", "--ntasks=1", "--cpus-per-task=" .. batch.resources.cpus,
    ("--mem=%dM"):format((batch.resources.memory + (1 << 20) - 1) >> 20),
    batch.once and "--no-requeue" or "--requeue", "--open-mode=append",
    ("--signal=B:TERM@%d"):format(LEAD) }
  if time then list[#list + 1] = "--time=" .. time end
  for _, name in ipairs { "gres", "constraint", "partition", "account" } do
    if options[name] then list[#list + 1] = ("--%s=%s"):format(name, options[name]) end
  end
  for i, each in ipairs(list) do list[i] = "#SBATCH " .. each end
  return list
end

-- Queues the script at `path` of a batch; the id that the array has | nil, why
function slurm.submit(loop, batch, path)
  local text, why = slurm.ask(loop, { "sbatch", "--parsable", "--chdir=" .. batch.submitted,
    ("--output=%s/%%a/log"):format(batch.folder), path }, { cwd = batch.submitted })
  if not text then return nil, why end
  local id = text:match "^(%d+)"
  if id then return id end
  return nil, "sbatch: no job's number, but " .. printable(text)
end

-- What this process is a job of, by its environment | nil
function slurm.here()
  local number_in = math.tointeger(os.getenv "SLURM_ARRAY_TASK_ID")
  local id = os.getenv "SLURM_ARRAY_JOB_ID"
  if not number_in or not id then return nil end
  return { number = number_in, restart = number(os.getenv "SLURM_RESTART_COUNT", 0),
           key = ("%s_%d"):format(id, number_in), node = os.getenv "SLURMD_NODENAME",
           id = os.getenv "SLURM_JOB_ID" }
end

-- Has the job that this process is run again, once it has ended: true | nil, why
function slurm.requeue(loop, here)
  local ok, why = slurm.ask(loop, { "scontrol", "requeue", here.id })
  return ok and true, why
end

local OVER = { BOOT_FAIL = true, CANCELLED = true, COMPLETED = true, DEADLINE = true, FAILED = true,
               NODE_FAIL = true, OUT_OF_MEMORY = true, PREEMPTED = true, TIMEOUT = true,
               REVOKED = true }
local RUNS = { RUNNING = true, COMPLETING = true, SUSPENDED = true, STOPPED = true }

-- What the queue knows of arrays, { id, … }: by "1234_5" { state, over, running, node, reason, id }
-- | nil, why
function slurm.queue(loop, ids)
  local queue = {}
  if #ids == 0 then return queue end
  local text, why = slurm.ask(loop, { "squeue", "--noheader", "--array", "--states=all",
    "--format=%F_%K|%T|%N|%r|%A", "--me" })
  if not text then return nil, why end
  for line in text:gmatch "[^\n]+" do
    local key, word, node, reason, id = line:match "^([%d_]+)|(%u[%u_]*)|([^|]*)|([^|]*)|(%d+)"
    if key then
      queue[key] = { state = word, over = OVER[word] or false, running = RUNS[word] or false,
                     node = node ~= "" and printable(node) or nil, id = id,
                     reason = reason ~= "None" and printable(reason) or nil }
    end
  end
  return queue
end

-- Takes jobs or whole arrays from the queue, and ends what runs of them: true | nil, why
function slurm.cancel(loop, keys)
  local ok, why = slurm.ask(loop, { "scancel", table.unpack(keys) })
  return ok and true, why
end

-- The program that runs `words` beside a job, by its own number: an argument vector. tty: on a
-- terminal there; input: with standard input
function slurm.beside(id, words, how)
  local argv = { "srun", "--overlap", "--quiet", "--ntasks=1", "--jobid=" .. id }
  if how.tty then argv[#argv + 1] = "--pty" end
  if not how.tty and not how.input then argv[#argv + 1] = "--input=none" end
  return table.move(words, 1, #words, #argv + 1, argv)
end

-- Whether srun says a line of its own on standard error about a program that has ended.
function slurm.is_noise(line)
  return line:find "^srun: error: [^:]+: task %d+: Exited with exit code %d+" ~= nil
         or line:find "^srun: Terminating " ~= nil
end

return slurm
