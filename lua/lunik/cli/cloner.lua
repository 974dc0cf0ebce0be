-- SPDX-License-Identifier: MIT
-- The process that starts clones of a machine for the one that runs it (lunik.supervisor.cloner),
-- for `lunik supervise --clones`.
local core = require "lunik.core"
local exit = require "lunik.exit"
local fork = require "lunik.supervisor.fork"
local restore = require "lunik.cli.restore"

local cloner = {}

local ASKED = { "n", "as", "forward", "mounts", "memory", "host_keys", "unsafe", "dir" }

-- What a clone is planned by: plan, machine | nil, problems
local function plan(one)
  return require "lunik".plan(one.recipe, { set = one.set, kept = true, saved = one.saved,
                                            limit_memory = true })
end

-- Has the machine's own process make what the clones start from, at a path
-- (lunik.supervisor.source): { stood_still } | nil, why
local function maker(link, wish, found)
  return function(path)
    if wish.why then return nil, wish.why end
    local done = link:ask("make", path)
    if not done then return nil, wish.why end
    found.file, found.stood_still, found.code = path, done.stood_still, done.code
    return not done.why and done or nil, done.why
  end
end

-- What is asked of lunik.supervisor.fork.
local function wanted(asked, link, wish, found)
  local out = { name = asked.name, to = asked.file, wish = wish, make = maker(link, wish, found) }
  for _, name in ipairs(ASKED) do out[name] = asked[name] end
  function out.tell(what, text, name) link:say(what, name .. ": " .. text) end
  return out
end

local function names(list)
  local out = core.json.array {}
  for i, each in ipairs(list) do out[i] = each.name end
  return out
end

local function text_of(problems) return require "lunik".text(problems) end

-- In a task of `l`, with the link of the machine's process, whose end takes the wish back.
function cloner.serve(l, link)
  local asked, why = link:take()
  if not asked then return nil, why, exit.start end
  local wish, found = fork.wish(), {}
  l:spawn("link", function()
    repeat until not link:asked()
    wish:stop "whoever asked for it has ended"
  end)
  local wrong = fork.wrong(asked)
  local list, problems
  if not wrong then
    local function tell(text) link:say("note", asked.name .. ": " .. text) end
    list, problems = fork.all(l, asked.name, wanted(asked, link, wish, found),
      function(one) return restore.differs(one, tell) end, plan)
  end
  if list then
    link:say("up", nil, { file = found.file, stood_still = found.stood_still,
                          clones = names(list) })
    return exit.ok
  end
  link:say("failed", wrong or text_of(problems), { code = wrong and "invalid" or found.code })
  return exit.start
end

return cloner
