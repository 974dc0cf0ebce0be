-- SPDX-License-Identifier: MIT
-- The events of a machine as text, from their rows: for `lunik help EVENT` and the docs.
local events = require "lunik.hook.events"
local markdown = require "lunik.reference.markdown"

local reference = {}

local INTRO = [[
## What QEMU tells

`on("NAME", function(vm, event) … end)` hears an event of QEMU's. `event.event` is its name,
`event.timestamp` when it came, `event.data` what it carries; that stands beside them as well:
`event.reason`, `event["tray-open"]`. What is optional may be missing. A name that is not listed is
accepted unless it is nearly one that is: a newer QEMU may have it.
]]

local types = { string = "text", integer = "a whole number", boolean = "true or false",
  table = "a table" }

local function holds(member)
  if member.values then return "one of " .. table.concat(member.values, ", ") end
  return types[member.type]
end

-- " (from 9.1; s390x only)", or nothing. `first` stands before the rest.
local function remarks(of, first)
  local parts = { first }
  if of.since then parts[#parts + 1] = "from " .. of.since end
  if of.removed then parts[#parts + 1] = "removed in " .. of.removed end
  if of.only then parts[#parts + 1] = of.only .. " only" end
  if of.optional then parts[#parts + 1] = "optional" end
  return #parts > 0 and (" (%s)"):format(table.concat(parts, "; ")) or ""
end

local function access(name)
  return name:find "^[%a_][%w_]*$" and "event." .. name or ('event["%s"]'):format(name)
end

-- A function that hears of it, with what it carries first.
function reference.example(row)
  local shown = {}
  for i = 1, math.min(#row.carries, 2) do shown[i] = access(row.carries[i].name) end
  return ('%son("%s", function(vm, event) print(%s) end)'):format(row.lunik and "vm:" or "",
    row.name, table.concat(shown[1] and shown or { "event.event" }, ", "))
end

-- Text for the terminal.
function reference.text(row)
  local out = { ("%s: %s%s"):format(row.name, row.doc, remarks(row)) }
  out[2] = row.lunik and "  told on the control socket: lunik events NAME, vm:on(…) of a program"
    or "  heard by hooks of the recipe"
  if row.hook then out[3] = ('  in a recipe on("%s", …) hears the same'):format(row.hook) end
  for _, member in ipairs(row.carries) do
    local name = row.lunik and member.name or access(member.name)
    local first = member.doc or holds(member)
    out[#out + 1] = ("    %-20s %s%s"):format(name, first, remarks(member))
    if member.doc then out[#out + 1] = ("    %-20s   %s"):format("", holds(member)) end
  end
  out[#out + 1] = "  for example: " .. reference.example(row)
  return table.concat(out, "\n") .. "\n"
end

local function carried(row)
  if #row.carries == 0 then return "nothing" end
  local parts = {}
  for i, member in ipairs(row.carries) do
    parts[i] = ("`%s`%s%s"):format(member.name, remarks(member, holds(member)),
      member.doc and ": " .. member.doc or "")
  end
  return table.concat(parts, "<br>")
end

-- A table of QEMU's events, or of `lunik`'s own.
function reference.table(lunik, out)
  local rows = {}
  for _, row in ipairs(events.rows) do
    if (row.lunik or false) == lunik then
      rows[#rows + 1] = { "`" .. row.name .. "`", row.doc .. remarks(row), carried(row),
        "`" .. reference.example(row) .. "`" }
    end
  end
  markdown.table({ "event", "when", "carries", "example" }, rows, out)
end

-- The section of docs/reference.md.
function reference.section(out)
  out[#out + 1] = INTRO
  reference.table(false, out)
end

return reference
