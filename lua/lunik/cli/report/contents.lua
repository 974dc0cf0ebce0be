-- SPDX-License-Identifier: MIT
-- What a report of a machine has in it: files, { name, text, about } each. Whatever of it cannot be
-- had is said in its place.
local arguments = require "lunik.cli.arguments"
local core = require "lunik.core"
local doctor = require "lunik.doctor"
local host = require "lunik.host"
local logs = require "lunik.supervisor.logs"
local ls = require "lunik.cli.ls"
local machines = require "lunik.supervisor.machines"
local portable = require "lunik.store.portable"
local printable = require "lunik.text.printable"
local secrets = require "lunik.recipe.secrets"
local snapshot = require "lunik.recipe.snapshot"
local version = require "lunik.cli.version"

local contents = {}

local LINES = 2000         -- of each log, the last
local MOST = 1 << 20       -- bytes of a recipe's file

local function json(value)
  local text, why = core.json.encode(portable.encode(value))
  return (text or core.json.encode { problem = why }) .. "\n"
end

-- The recipe as it reads now: plan, machine | nil, problems as text
local function planned(before)
  if not before or not before.recipe then return nil, "it is not known which recipe it is of" end
  local lunik = require "lunik"
  local plan, other = lunik.plan(before.recipe, { anyway = true, limit_memory = true, kept = true,
    set = arguments.settings(machines.settings(before)) })
  if plan then return plan, other end
  return nil, lunik.text(other)
end

-- What there is to look at, and what in it is secret.
local function gathered(name)
  local kept, before = snapshot.of_directory(machines.runtime(name)), machines.remembered(name)
  local plan, other = planned(before)
  local hidden = secrets.new()
  if plan then
    hidden:machine(other)
    hidden:environment(other.raw.inputs.env)
    hidden:command(plan:command("paste", true))
  end
  if kept then
    hidden:environment(kept.recipe.inputs.env)
    hidden:command(kept.plan.live)
  end
  return { name = name, kept = kept, before = before, plan = plan, problems = not plan and other,
           raw = plan and other.raw, secrets = hidden }
end

-- The Lua files that the recipe is made of: path -> text; other files that it read are named only.
local function sources(one)
  local inputs = one.kept and one.kept.recipe.inputs or one.raw and one.raw.inputs
  local files, texts, others = inputs and inputs.files, {}, {}
  -- a snapshot is read back as if anybody had written it
  for path, text in pairs(type(files) == "table" and files or {}) do
    if type(path) == "string" and type(text) == "string" then
      if path:find "%.lua$" then texts[path] = text else others[#others + 1] = path end
    end
  end
  local path = one.before and one.before.recipe
  if path and not next(texts) then texts[path] = host.contents(path, MOST) end
  table.sort(others)
  return texts, others
end

local makers = {}

function makers.versions(_, add)
  add("versions.json", json(version.facts()), "versions of lunik, QEMU and virtiofsd")
end

function makers.doctor(_, add)
  local list, well = doctor.look()
  add("doctor.json", require "lunik.cli.doctor".json(list, well) .. "\n",
    "what this host can and cannot do: lunik doctor")
end

function makers.status(one, add, loop)
  add("status.json", json(one.secrets:masked(ls.look(loop, one.name))), "how it is: lunik status")
end

function makers.recipe(one, add)
  local texts, others = sources(one)
  for path, text in pairs(texts) do
    one.secrets:source(text)
    one.sources = one.sources or {}
    table.insert(one.sources, path)
  end
  table.sort(one.sources or {})
  for i, path in ipairs(one.sources or {}) do
    add(("recipe/%d-%s"):format(i, path:match "[^/]*$"), texts[path], "the recipe: " .. path)
  end
  one.left_out = others
end

function makers.plan(one, add)
  if one.kept then
    add("plan.json", json(one.secrets:masked(one.kept.plan)), "the plan by which it runs")
  end
  local now = one.plan and one.plan:data()
  if now then
    add("plan-now.json", json(one.secrets:masked(now)), "the plan of its recipe as it reads now")
  end
  local lacks = one.plan and #one.plan.lacks > 0 and require "lunik".text(one.plan.lacks)
  local problems = one.problems or lacks or nil
  if problems then add("problems.txt", problems .. "\n", "what is wrong with its recipe") end
end

function makers.logs(one, add)
  for _, log in ipairs(logs.list(machines.state(one.name))) do
    local lines = logs.tail(log, LINES)
    local file = log.name == log.source and log.name or log.source .. "-" .. log.name
    add(("logs/%s.log"):format(file), table.concat(lines, "\n") .. "\n",
      ("the last %d lines of a log: lunik logs"):format(#lines))
  end
end

-- The recipe first: it may say what is secret in all that follows.
local ORDER = { "recipe", "versions", "doctor", "status", "plan", "logs" }

local HIDDEN = [[

Taken out wherever they stand, and shown as [env NAME] or [secret]: the values of
variables of the environment that the recipe took, passwords, secrets of QEMU's, fields
that hold a secret, credentials and private keys. What the guest or a program has written
is otherwise as it was: read it before you give it away.
]]

local ENDED = [[
The machine does not run: of variables of the environment, the values that they have now
are taken out; others may stand in its logs.
]]

local function readme(one, files)
  local lines = { ("Report of the machine '%s', made by lunik %s. It contains:\n"):format(one.name,
    require "lunik.version") }
  for _, file in ipairs(files) do
    lines[#lines + 1] = contents.line(file.name, file.about)
  end
  for _, path in ipairs(one.left_out or {}) do
    lines[#lines + 1] = contents.line("(left out)", "read by the recipe: " .. path)
  end
  return table.concat(lines, "\n") .. "\n" .. HIDDEN .. (one.kept and "" or ENDED)
end

-- A file and what it is, as a line.
function contents.line(name, about) return ("  %-24s %s"):format(name, about) end

-- The files of a report; a task of `loop`.
function contents.of(name, loop)
  local one, files = gathered(name), {}
  local function add(file, text, about)
    files[#files + 1] = { name = printable(file), about = printable(one.secrets:mask(about)),
                          text = printable(one.secrets:mask(text), "\n\t") }
  end
  for _, maker in ipairs(ORDER) do makers[maker](one, add, loop) end
  -- what a log has said of a secret is known by now
  table.insert(files, 1, { name = "README.txt", about = "what is in it",
                           text = printable(one.secrets:mask(readme(one, files)), "\n") })
  return files
end

return contents
