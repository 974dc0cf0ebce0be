-- SPDX-License-Identifier: MIT
-- What the QEMU of this host knows: the properties of named drivers, object types and boards.
-- QEMU is asked once for each binary, and its answer kept. What was not there is asked for again,
-- since modules can be installed.
local cache = require "lunik.host.cache"
local facts = require "lunik.host.facts"
local stat = require "posix.sys.stat"

-- The variable that names a QEMU which may be asked wherever it lies.
local variable = "LUNIK_QEMU"

local function is_qemu(path)
  local base = path:match "[^/]+$" or ""
  return base:find "^qemu%-system%-" or base == "qemu-kvm"
end

-- Whether a binary may be asked: being read, a recipe runs nothing that only it names. It has to
-- be called as QEMU is, and to lie where programs are installed; or its owner has said so.
local function trusted(path)
  local real, allowed = facts.real(path), facts.env(variable)
  if allowed and allowed ~= "" and facts.real(allowed) == real then return true end
  if not is_qemu(path) then return false end
  local found = facts.program(path:match "[^/]+$")
  if found and facts.real(found) == real then return true end
  return is_qemu(real) and (real:find "^/usr/" or real:find "^/opt/") ~= nil
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
  for line in text:gmatch "[^\n]+" do
    local name, kind = line:match "^([^ ]+) (.*)$"
    if name then out[name] = kind end
  end
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
    return nil, ("%s is not asked: only the recipe names it; %s=%s allows it"):format(path,
      variable, path)
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
