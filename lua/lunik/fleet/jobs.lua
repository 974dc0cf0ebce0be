-- SPDX-License-Identifier: MIT
-- The jobs of an array as data: the product of a sweep, or one for each line of a list. In what is
-- set and in the words of the command, `{}` stands for the line.
local printable = require "lunik.text.printable"
local sorted = require "lunik.text.sorted"

local jobs = {}

jobs.most = 100000         -- jobs of one submission

local function copy(set)
  local out = {}
  for name, value in pairs(set or {}) do out[name] = value end
  return out
end

-- "cpus=2 kernel=bzImage": of a path its last part.
local function name_of(names, set)
  local words = {}
  for i, name in ipairs(names) do
    words[i] = ("%s=%s"):format(name, printable(set[name]:match "[^/]+/*$" or set[name]))
  end
  return table.concat(words, " ")
end

-- The sets of a sweep: each value of each name with each of the others.
local function product(sweep, set)
  local sets, names = { copy(set) }, sorted(sweep)
  for _, name in ipairs(names) do
    local more = {}
    if #sets * #sweep[name] > jobs.most then return nil, names end
    for _, before in ipairs(sets) do
      for _, value in ipairs(sweep[name]) do
        local one = copy(before)
        one[name] = tostring(value)
        more[#more + 1] = one
      end
    end
    sets = more
  end
  return sets, names
end

local function swept(asked)
  local sets, names = product(asked.sweep, asked.set)
  if not sets then return nil, ("a sweep of more than %d jobs"):format(jobs.most) end
  local list = {}
  for i, set in ipairs(sets) do
    list[i] = { name = name_of(names, set), set = set, command = asked.command }
  end
  return list
end

-- A text with the line in the place of each {}, and whether there was one.
local function filled(text, line)
  local out, count = text:gsub("{}", (line:gsub("%%", "%%%%")))
  return out, count > 0
end

local function of_line(asked, line)
  local job, used = { name = printable(line), set = {} }, false
  for name, value in pairs(asked.set or {}) do
    local has
    job.set[name], has = filled(tostring(value), line)
    used = used or has
  end
  if asked.command then job.command = {} end
  for i, word in ipairs(asked.command or {}) do
    local has
    job.command[i], has = filled(word, line)
    used = used or has
  end
  return job, used
end

local function listed(asked)
  local list = {}
  if #asked.each > jobs.most then return nil, ("more than %d lines"):format(jobs.most) end
  for i, line in ipairs(asked.each) do
    local used
    list[i], used = of_line(asked, line)
    if not used then
      return nil, "each line is a job of its own: say by {} where it goes, in the command or in "
        .. "what is set"
    end
  end
  if #list == 0 then return nil, "there is no line, and so no job" end
  return list
end

-- asked: set, command (a list | nil), sweep (values by field), each (lines).
-- A list of { name, set, command } | nil, why
function jobs.of(asked)
  if asked.each and asked.sweep then return nil, "a list and a sweep do not go together" end
  if asked.each then return listed(asked) end
  if asked.sweep then return swept(asked) end
  return { { name = "", set = copy(asked.set), command = asked.command } }
end

return jobs
