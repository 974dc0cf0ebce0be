-- SPDX-License-Identifier: MIT
-- `lunik jobs`: what was submitted in this folder, and how it is.
local core = require "lunik.core"
local exit = require "lunik.exit"
local find = require "lunik.fleet.find"
local host = require "lunik.host"
local loop = require "lunik.async.loop"
local printable = require "lunik.text.printable"
local records = require "lunik.fleet.records"
local shown = require "lunik.cli.shown"
local state = require "lunik.fleet.state"

local jobs = { name = "jobs", summary = "list the jobs that were submitted in this folder" }
jobs.example = "lunik jobs"
jobs.more = { "lunik jobs --json" }

local WIDTH = 24           -- of a bar

function jobs.args(command)
  command:argument("job", "an array (slurm:1234), of which each job is shown, or a job "
    .. "(slurm:1234_5); left out: all arrays"):args "*"
  command:flag("--json", "as JSON")
end

-- A bar's marks, by states: what is over first.
local MARKS = { { "done", "#" }, { "failed", "x" }, { "lost", "x" }, { "cancelled", "x" },
                { "running", ">" } }

-- "######xx>>......"
local function bar(counts, total)
  local text, seen, upto = "", 0, 0
  for _, mark in ipairs(MARKS) do
    seen = seen + (counts[mark[1]] or 0)
    local full = seen * WIDTH // total
    text = text .. mark[2]:rep(full - upto)
    upto = math.max(upto, full)
  end
  return "[" .. text .. ("."):rep(WIDTH - upto) .. "]"
end

local function words(counts)
  local list = {}
  for _, row in ipairs(state.words) do
    if counts[row[1]] then list[#list + 1] = ("%d %s"):format(counts[row[1]], row[1]) end
  end
  return table.concat(list, ", ")
end

local function time_of(one)
  if not one.began then return "-" end
  return shown.span(math.max(0, (one.ended or os.time()) - one.began))
end

local COLOURS = { done = "good", failed = "bad", lost = "bad", cancelled = "bad" }

local EACH = {
  { "JOB", function(one) return one.job end },
  { "STATE", function(one) return one.state end, function(word) return COLOURS[word] end },
  { "CODE", function(one) return one.code and tostring(one.code) or "-" end },
  { "TIME", time_of },
  { "NODE", function(one) return one.node or "-" end },
  { "NAME", function(one) return one.name ~= "" and one.name or "-" end },
  { "WHY", function(one)
    local why = one.text or one.trouble or not one.over and one.reason
    return why and why:match "^[^\n]*" or "-"
  end },
}

local ARRAYS = {
  { "ARRAY", function(one) return one.batch end },
  { "", function(one) return bar(one.counts, one.total) end },
  { "JOBS", function(one) return words(one.counts) end },
  { "FOLDER", function(one) return one.folder end },
}

local function as_json(one)
  return { job = one.job, name = one.name, state = one.state, over = one.over, code = one.code,
           text = one.text, trouble = one.trouble, node = one.node, began = one.began,
           ended = one.ended, attempts = one.attempts, reason = one.reason,
           results = one.results or false, folder = printable(one.folder) }
end

-- The batches that the arguments name: { found, number | nil } each | nil, why
local function chosen(args)
  local list = {}
  for i, text in ipairs(args.job) do
    local found, number = find.of(text)
    if not found then return nil, number end
    list[i] = { found = found, number = number }
  end
  if #args.job > 0 then return list end
  for i, found in ipairs(records.batches(host.real ".")) do list[i] = { found = found } end
  return list
end

local function queue_of(l, list, err)
  local found = {}
  for i, one in ipairs(list) do found[i] = one.found end
  local queue, why = find.queue(l, found)
  if not queue then err:write("lunik jobs: the queue does not answer: ", why, "\n") end
  return queue
end

local function look(one, queue)
  if one.number then return { state.of(one.found, one.number, queue) } end
  return state.all(one.found, queue)
end

local function print_json(list, queue, out)
  local arrays = core.json.array {}
  for _, one in ipairs(list) do
    local all = core.json.array {}
    for i, job in ipairs(look(one, queue)) do all[i] = as_json(job) end
    arrays[#arrays + 1] = { batch = find.id_of(one.found), folder = printable(one.found.path),
                            jobs = all }
  end
  out:write(core.json.encode { lunik = 1, batches = arrays }, "\n")
end

local function print(args, list, queue, out)
  local rows = {}
  for _, one in ipairs(list) do
    local all = look(one, queue)
    if #args.job > 0 then
      table.move(all, 1, #all, #rows + 1, rows)
    else
      rows[#rows + 1] = { batch = find.id_of(one.found), counts = state.sum(all), total = #all,
                          folder = printable(one.found.path) }
    end
  end
  shown.table(shown.rows(#args.job > 0 and EACH or ARRAYS, rows), out)
end

function jobs.run(args, out, err)
  local list, why = chosen(args)
  if not list then return nil, why, exit.problems end
  local l <close> = loop.new()
  local queue = l:run(queue_of, l, list, err)
  if args.json then
    print_json(list, queue, out)
  elseif #list == 0 then
    err:write("no jobs were submitted in this folder: lunik submit\n")
  else
    print(args, list, queue, out)
  end
  return exit.ok
end

return jobs
