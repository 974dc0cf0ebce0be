-- SPDX-License-Identifier: MIT
-- The problems of a command line as they are found.
local printable = require "lunik.text.printable"

local report = {}
report.__index = report

local LONGEST = 2000       -- bytes of a message

function report.new(line) return setmetatable({ line = line, seen = {} }, report) end

-- Options that are told apart by what they name.
local named = { device = true, object = true, machine = true, cpu = true }

-- What an option is called in a message: "drive d0", "device virtio-net-pci".
local function subject(entry)
  local args = entry.args or {}
  local id = args.id or args["node-name"] or entry.name == "fw_cfg" and args.name
  local kind = entry.row and entry.row.by and entry.form
  if named[entry.name] then kind = args.driver or args[1] or entry.form end
  local said = type(id) == "string" and id or type(kind) == "string" and kind or nil
  return entry.name .. (said and #said < 80 and " " .. said or "")
end

-- The key, where the text does not name it.
local function prefix(field, code, why)
  local word = field and "%f[%w_]" .. field:gsub("%p", "%%%0") .. "%f[^%w_-]"
  if not field or code:find "^unknown%-[dmoc]" or why:find(word) then return "" end
  return field .. ": "
end

-- Where an option of a -readconfig stands.
local function place(from) return ("%s:%d: "):format(from.file, from.line) end

-- Adds a problem of `entry`, about its key (nil: the whole). `code` is a row of codes.lua, which
-- says how grave it is, unless `severity` does.
function report:add(entry, key, code, why, severity, suggestion)
  severity = severity or assert(require "lunik.verify.codes"[code], code).severity
  -- what a row and the binary both find is told once
  local id = ("%s %s"):format(code, key or why)
  self.seen[entry] = self.seen[entry] or {}
  if self.seen[entry][id] then return end
  self.seen[entry][id] = true
  local field = type(key) == "string" and printable(key) or nil
  local name = printable(entry.name)
  suggestion = suggestion or why:match "did you mean '([^']*)'" or why:match "; use %-([%w-]+)"
  local from = entry.from and place(entry.from) or ""
  self[#self + 1] = { code = code, severity = severity, option = name, key = key,
    field = name .. (field and "." .. field or ""), at = entry.at, entry = entry,
    order = #self + 1,
    message = printable(("%s%s: %s%s"):format(from, subject(entry), prefix(field, code, why), why)
      :sub(1, LONGEST)),
    why = from .. why,
    suggestion = suggestion and printable(suggestion) }
end

-- Whether an entry already has an error, or with a code a problem of that code.
function report:has(entry, code)
  for _, problem in ipairs(self) do
    if problem.entry == entry and (problem.code == code or not code
      and problem.severity == "error") then return true end
  end
end

function report:sorted()
  local out = table.move(self, 1, #self, 1, {})
  table.sort(out, function(a, b)
    if a.at ~= b.at then return a.at < b.at end
    local one, other = a.entry.from, b.entry.from
    if one and other and one.line ~= other.line then return one.line < other.line end
    return a.order < b.order
  end)
  return out
end

return report
