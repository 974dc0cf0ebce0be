-- SPDX-License-Identifier: MIT
-- Holds what QEMU would be told against this host, before it is told: files, images, ports,
-- sockets, devices, memory. The rows of the options say what a value is (the kinds of paths, and
-- `look`); a look is a function below, by that word. All is asked of the `host` that is handed in:
-- nothing is connected to, nothing changed.
--
-- An entry: { row, args = as qemu.check takes them, place(key | nil, value) -> at, path }.
local check = require "lunik.schema.check"
local keys = require "lunik.qemu.keys"
local pasted = require "lunik.qemu.pasted"
local paths = require "lunik.qemu.paths"
local sorted = require "lunik.text.sorted"

local look = {}

-- The looks by their words. One is called with the session, and the place that it is about:
-- { key, value, args, form }.
local looks = {}
for _, name in ipairs { "file", "image", "socket", "port", "network", "hardware", "memory", "boot",
  "process" } do
  for word, one in pairs(require("lunik.machine.look." .. name)) do looks[word] = one end
end

local session = {}
session.__index = session

-- Adds what was found at a key of the entry. `severity` is "warning" for what may be right when
-- the machine starts, or is only risky; `suggestion` is what the key might better have.
function session:add(key, value, code, why, severity, suggestion)
  local at, path = self.entry.place(key, value)
  local place = check.place(at) .. "\0" .. (path or "")
  -- what is said already of that place comes from who knows more of it
  if self.said[place] then return end
  check.add(self.problems, at, path, why, "host")
  local problem = self.problems[#self.problems]
  problem.code, problem.severity, problem.suggestion = code, severity, suggestion
end

-- The same of the place that a look is about.
function session:say(about, ...) self:add(about.key, about.value, ...) end

-- Whether this user may read and write a device of the host's; otherwise that is added.
function session:may_use(key, value, path)
  local ok, why = self.host.access(path, "rw")
  if ok then return true end
  local denied = ("%s may not be used by %s: %s"):format(path, self.host.user, why)
  self:add(key, value, "device-denied", denied)
  return false
end

-- A path as QEMU sees it from its folder.
function session:absolute(path)
  return path:find "^/" and path or self.dir .. "/" .. path
end

-- Descriptors that QEMU is handed.
local function is_handed(path)
  return path:find "^/dev/fd" or path:find "^/proc/self/" or path:find "^/dev/std"
end

local function call(self, word, about)
  local one = word and self.looks[word]
  if one then one(self, about) end
end

local function each_path(self, entry, args, form)
  paths.replace(entry.row, pasted(args), function(key, path, what)
    if path ~= "" and not is_handed(path) and not self.made(self:absolute(path)) then
      call(self, what, { key = type(key) == "string" and key or nil, value = path, args = args,
                         form = form })
    end
    return path
  end)
end

-- A key whose row has a `look` of its own; a list is looked at one by one. The first value has no
-- key of its own, and counts as `name`.
local function one_key(self, key, name, args, form)
  local row = self.entry.row
  local found = keys.find(row, form, keys.spelling(row, form, name))
  if not found or not found.look then return end
  local list = type(args[key]) == "table" and args[key] or { args[key] }
  for _, value in ipairs(list) do
    call(self, found.look, { key = type(key) == "string" and key or nil, value = value, args = args,
                             form = form })
  end
end

local function each_key(self, row, args, form)
  if row.implied and args[1] ~= nil and row.grammar ~= "cpu" then
    one_key(self, 1, row.implied, args, form)
  end
  for _, name in ipairs(sorted(args)) do one_key(self, name, name, args, form) end
end

local function look_at(self, entry)
  local row, args = entry.row, pasted(entry.args)
  if row.grammar == "chardev" then
    args = require "lunik.qemu.grammar.chardev".expand(args) or args
  end
  self.entry = entry
  local form = keys.form(row, args)
  each_path(self, entry, args, form)
  if row.grammar ~= "flag" then each_key(self, row, args, form) end
  local first = { value = args[1], args = args, form = form }
  call(self, row.look, first)
  call(self, form and row.by and row.by[form] and row.by[form].look, first)
  call(self, form and row.looks and row.looks[form], first)
end

-- Everything of a list of entries. about: host; name = the machine's | nil; dir = where QEMU runs;
-- arch; program = QEMU's path; made(path) = whether it is lunik's to make; looks = by their words,
-- in the place of those at the host. Adds to `problems`, each with a `code` (the words of
-- lunik.machine.look.codes) and perhaps a `severity`.
function look.entries(list, about, problems)
  local said = {}
  for _, problem in ipairs(problems) do
    said[check.place(problem.at) .. "\0" .. (problem.path or "")] = true
  end
  local self = setmetatable({ host = about.host, name = about.name, dir = about.dir,
    arch = about.arch, program = about.program, made = about.made or function() return false end,
    looks = about.looks or looks, list = list, problems = problems, said = said, listening = {},
    images = {} }, session)
  for _, entry in ipairs(list) do look_at(self, entry) end
  return problems
end

return look
