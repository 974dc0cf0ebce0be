-- SPDX-License-Identifier: MIT
-- What the QEMU of this host knows: the properties of named drivers, object types and boards.
-- QEMU is asked once for each binary, and its answer kept. What was not there is asked for again,
-- since modules can be installed.
local cache = require "lunik.host.cache"
local facts = require "lunik.host.facts"
local stat = require "posix.sys.stat"

-- Whether a binary may be asked: one that only the recipe names is not run for being read.
local function trusted(path)
  local base = path:match "[^/]+$"
  if facts.program(base) == path then return true end
  return base:find "^qemu%-" and facts.real(path):find "^/usr/" ~= nil
end

local function identity(path)
  local found = stat.stat(path)
  return found and ("%d-%d-%d-%d-%d"):format(found.st_dev, found.st_ino, found.st_size,
    found.st_mtime, found.st_ctime)
end

local most = 1 << 16
local unknown = "?\n"

local function encode(properties)
  local lines = {}
  for name, kind in pairs(properties) do lines[#lines + 1] = name .. " " .. kind end
  table.sort(lines)
  lines[#lines + 1] = ".\n"
  return table.concat(lines, "\n")
end

-- The inverse; nil for what was not kept whole.
local function decode(text)
  if text:sub(-2) ~= ".\n" then return nil end
  local out = {}
  for name, kind in text:gmatch "([^\n ]+) ([^\n]*)\n" do out[name] = kind end
  return out
end

local function key(id, kind, name) return ("caps-%s-%s-%s"):format(id, kind, name) end

-- Puts the answers that are kept into `out`; returns the questions that are left.
local function recall(out, id, wanted)
  local questions = {}
  for kind, names in pairs(wanted) do
    out[kind] = {}
    for name in pairs(names) do
      if #name < 100 and name:find "^%w[%w._+,-]*$" then
        local text = cache.get(key(id, kind, name), most)
        out[kind][name] = text and decode(text)
        if not out[kind][name] and text ~= unknown then
          questions[#questions + 1] = { name, kind = kind }
        end
      end
    end
  end
  table.sort(questions, function(a, b) return a.kind .. " " .. a[1] < b.kind .. " " .. b[1] end)
  return questions
end

-- wanted = { device = { name = true, … }, object = …, machine = … } ->
-- { device = { name = { property = type } | false for no such | nil for unknown }, …,
--   names = { device = all there are, … where one is not there } } | nil, why
return function(path, wanted)
  if not trusted(path) then
    return nil, ("%s is not asked: only the recipe names it"):format(path)
  end
  local out, id = { names = {} }, identity(path)
  if not id then return nil, path .. ": no such file" end
  local questions = recall(out, id, wanted)
  if #questions == 0 then return out end
  local names, why = require "lunik.host.probe"(path, questions)
  if not names then return nil, why end
  out.names = names
  for _, question in ipairs(questions) do
    local answer = question.answer
    out[question.kind][question[1]] = answer
    if answer ~= false then
      cache.put(key(id, question.kind, question[1]), answer and encode(answer) or unknown)
    end
  end
  return out
end
