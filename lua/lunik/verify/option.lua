-- SPDX-License-Identifier: MIT
-- Options: whether the installed QEMU has them. What it lists itself is never wrong.
local qemu = require "lunik.qemu"
local suggest = require "lunik.text.suggest"
local words = require "lunik.import.words"

-- "7.2" as 702
local function number(version)
  local major, minor = tostring(version or ""):match "^(%d+)%.?(%d*)"
  return major and tonumber(major) * 100 + (tonumber(minor) or 0)
end

-- Options of QEMUs that others have changed.
local foreign = { id = "Proxmox VE's" }

local function known_names(known)
  local names = known and known:names "option" or {}
  return #names > 0 and names or qemu.names()
end

local function unknown(entry, line)
  local name = entry.words[1]:match "^%-%-?(.*)$" or entry.words[1]
  local flat = name:gsub("_", "-")
  local hint = qemu.rows[flat] and ("; did you mean '%s'?"):format(flat)
    or suggest.hint(name, known_names(line.known))
  return ("unknown option '%s'%s"):format(name, hint)
end

-- Whether an option stands there by QEMU's own spelling: rows are found with underscores, too.
local function spelled(entry)
  local word = entry.words[1]:match "^%-%-?(.*)$"
  return entry.positional or entry.from or word == entry.row.name or words.aliases[word] ~= nil
end

-- Why an option that has a row is not in this QEMU: code, why | nil.
local function lacking(entry, line)
  local row, known = entry.row, line.known
  local name, text, version = row.name, nil, nil
  if known then
    if known:has("option", name) or known:has("option", words.aliases[name] or name) then
      return nil
    end
    text, version = known:version()
  end
  local removed, since = number(row.removed), number(row.since)
  if removed and (version or math.huge) >= removed then
    return "removed-option", ("'%s' was removed in QEMU %s%s"):format(name, row.removed,
      row.deprecated and "; " .. row.deprecated or "")
  elseif since and version and version < since then
    return "newer-option", ("'%s' came with QEMU %s, and this is %s"):format(name, row.since, text)
  elseif known and #known:names "option" > 0 and not row.removed then
    return "not-built", ("QEMU %s was built without the option '%s'"):format(text, name)
  end
end

-- Why an option is going to be removed | nil where this QEMU does not know of that yet.
local function deprecation(row, known)
  local why = row.deprecated
  if not why then return nil end
  local from = number(why:match "^from (%d+%.%d+) on ")
  local version = known and select(2, known:version())
  return (not from or not version or version >= from) and why or nil
end

-- What is wrong with a file of -readconfig as such.
local function faults(entry, report)
  for _, fault in ipairs(entry.faults or {}) do
    local at = { name = entry.name, at = entry.at, from = { file = entry.text, line = fault.line } }
    report:add(at, fault.key, fault.code, fault.why)
  end
end

return function(line, report)
  for _, entry in ipairs(line) do
    faults(entry, report)
    if entry.lacks then
      report:add(entry, nil, "missing-value", ("'%s' takes a value"):format(entry.name))
    elseif foreign[entry.name] then
      report:add(entry, nil, "foreign-option", ("'%s' is an option of %s own QEMU"):format(
        entry.name, foreign[entry.name]))
    elseif not entry.row then
      if not (line.known and line.known:section("option", entry.name or "")) then
        report:add(entry, nil, "unknown-option", unknown(entry, line))
      end
    elseif not spelled(entry) then
      report:add(entry, nil, "unknown-option", unknown(entry, line))
    else
      local code, why = lacking(entry, line)
      if code then report:add(entry, nil, code, why) end
      local going = not code and deprecation(entry.row, line.known)
      if going then
        report:add(entry, nil, "deprecated", ("'%s' is deprecated: %s"):format(entry.name, going))
      end
    end
  end
end
