-- SPDX-License-Identifier: MIT
-- Verbs about the machine of a job: they are carried to the node where it runs, beside the job, by
-- the queue's own means; no port of lunik's is open anywhere. Of a job that runs on this host they
-- are about a machine of another runtime directory.
local core = require "lunik.core"
local defer = require "lunik.async.defer"
local environment = require "lunik.process.environment"
local exit = require "lunik.exit"
local find = require "lunik.fleet.find"
local loop = require "lunik.async.loop"
local place = require "lunik.fleet.place"
local program = require "lunik.program"
local slurm = require "lunik.fleet.slurm"
local state = require "lunik.fleet.state"
local unistd = require "posix.unistd"
local wait = require "lunik.async.wait"

local relay = {}

local STDERR = 2

-- The job that a word is about, and what follows it: "slurm:12_5:/etc" -> "slurm:12_5", ":/etc"
local function named(word)
  local job, rest = word:match "^(%l+:[%w._-]+)(.*)$"
  if job and (rest == "" or rest:sub(1, 1) == ":") and find.is_job(job) then return job, rest end
end

local function is_option(word) return word:sub(1, 1) == "-" and word ~= "-" end

-- Verbs whose other words are the guest's: those of options that have values.
local VALUED = { exec = { ["--timeout"] = true }, ssh = {} }

-- Where the machine stands among the words of a command line | nil: before the guest's words.
local function place_of(argv)
  local valued = VALUED[argv[1]]
  for at = 2, #argv do
    if argv[at] == "--" then return nil end
    if named(argv[at]) then return at end
    if valued and not is_option(argv[at]) and not valued[argv[at - 1]] then return nil end
  end
end

-- Verbs that have words of their own for jobs.
local OWN = { jobs = true, wait = true, submit = true, help = true }

-- Whether a command line is about a job's machine.
function relay.is_for(argv) return not OWN[argv[1]] and place_of(argv) ~= nil end

-- The same words about the machine: the job's name becomes that, but for the guest's words.
local function words_of(argv, job, machine)
  local upto = VALUED[argv[1]] and place_of(argv) or #argv
  local words = {}
  for i, word in ipairs(argv) do
    local one, rest = named(word)
    words[i] = one == job and i <= upto and machine .. rest or word
  end
  return words
end

local function has(argv, ...)
  for _, wanted in ipairs { ... } do
    for _, word in ipairs(argv) do
      if word == wanted then return true end
    end
  end
  return false
end

local ON_TERMINAL = { ssh = true, console = true, shell = true }

-- Whether it is on this terminal, and whether it reads standard input.
local function manner(argv)
  local here = unistd.isatty(0) == 1 and unistd.isatty(1) == 1
  local tty = here and (ON_TERMINAL[argv[1]] or argv[1] == "exec" and has(argv, "-t", "--tty"))
  return { tty = tty or false,
           input = ON_TERMINAL[argv[1]] or has(argv, "-i", "--stdin")
                   or argv[1] == "cp" and has(argv, "-") }
end

-- Hands on what comes by standard error, but for what srun says itself.
local function filter(l, chan, err)
  local held = ""
  local function put(text)
    err:write(text)
    err:flush()
  end
  while true do
    local bytes = wait.read(l, chan, nil, 65536)
    if not bytes then break end
    held = held .. bytes
    held = held:gsub("([^\n]*)\n", function(line)
      if not slurm.is_noise(line) then put(line .. "\n") end
      return ""
    end)
    -- a line that is not whole is shown at once, unless it may be one of those
    if held ~= "" and held:sub(1, 6) ~= ("srun: "):sub(1, #held) then
      put(held)
      held = ""
    end
  end
  if not slurm.is_noise(held) then put(held) end
end

local function carry(l, argv, how, err)
  local ours, theirs = core.chan.pair()
  if not ours then return nil, theirs, exit.problems end
  local _ <close> = defer(function() ours:close() end)
  local proc, why = core.proc.spawn { argv = argv, env = environment(), path = true,
    cwd = unistd.getcwd(), fds = { [0] = 0, [1] = 1, [2] = how.tty and STDERR or theirs:fd() } }
  theirs:close()
  if not proc then return nil, why, exit.problems end
  local reader = l:spawn("standard error", filter, l, ours, err)
  local ended, value = wait.exit(l, proc)
  reader:join(1)
  proc:close()
  return ended == "exited" and value or 128 + (value or 0)
end

-- One that is not there yet, or not any more.
local function idle(argv, one, found, number, l)
  if argv[1] == "down" and not one.over and found.batch.engine == "slurm" then
    local key = number and ("%s_%d"):format(found.id, number) or found.id
    local ok, why = slurm.cancel(l, { key })
    return ok and exit.ok, why, exit.problems
  end
  local why = one.text or one.reason
  return nil, ("%s does not run: %s%s"):format(one.job, one.state, why and ": " .. why or ""),
         exit.problems
end

local function whole(argv, found, l)
  if argv[1] == "down" and found.batch.engine == "slurm" then
    local ok, why = slurm.cancel(l, { found.id })
    return ok and exit.ok, why, exit.problems
  end
  return nil, ("%s is an array: say which job, such as %s_1"):format(find.id_of(found),
    find.id_of(found)), exit.usage
end

-- What is to be done here: code | nil, why, code; or a function that does it, outside of the loop.
local function look(l, argv, out, err, cli)
  local job = named(argv[place_of(argv)])
  local found, number = find.of(job)
  if not found then return nil, number, exit.problems end
  if argv[1] == "logs" then
    return require "lunik.cli.job_logs".run(l, argv, found, number, out, err)
  end
  if not number then return whole(argv, found, l) end
  local queue, why = find.queue(l, { found })
  if not queue then return nil, why, exit.problems end
  local one = state.of(found, number, queue)
  local record = one.record
  if one.state ~= "running" or not record or not record.machine or record.state == "ended" then
    return idle(argv, one, found, number, l)
  end
  local words = words_of(argv, job, record.machine)
  if found.batch.engine == "local" then
    local ok, trouble = place.enter(record.place)
    if not ok then return nil, trouble, exit.problems end
    return function() return cli.main(words, nil, err) end
  end
  local how, path = manner(argv), program.path()
  if not path then return nil, "the lunik program is not found", exit.problems end
  local entry = queue[("%s_%d"):format(found.id, number)]
  return carry(l, slurm.beside(entry and entry.id or found.id,
    { path, "job", "--in", record.place, table.unpack(words) }, how), how, err)
end

-- A verb, run by what cli.main has: an exit code | nil, why, exit code
function relay.run(argv, out, err, cli)
  local l <close> = loop.new()
  local code, why, failed = l:run(look, l, argv, out, err, cli)
  if type(code) == "function" then return code() end
  return code, why, failed
end

return relay
