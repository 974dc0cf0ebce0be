-- SPDX-License-Identifier: MIT
-- The machine type and its properties.
local sorted = require "lunik.text.sorted"
local suggest = require "lunik.text.suggest"
local value = require "lunik.verify.value"

-- Keys of -machine that are no properties of the board.
local own = { type = true, accel = true, ["kernel-irqchip"] = true, ["kvm-shadow-mem"] = true,
  ["igd-passthru"] = true, ["memory-backend"] = true, ["tb-size"] = true }

local function dashed(key) return (key:gsub("_", "-")) end

local function hint(name, rows)
  local names = sorted(rows)
  for _, each in ipairs(sorted(own)) do names[#names + 1] = each end
  return suggest.hint(name, names)
end

local function properties(entry, rows, board, report)
  for _, key in ipairs(sorted(entry.args)) do
    local name = dashed(key):match "^[^.]+"
    if not own[name] and not rows[name] and not rows[key] then
      if not report:has(entry) then
        report:add(entry, key, "unknown-property", ("%s has no property '%s'%s"):format(
          board or "the default machine", key, hint(name, rows)))
      end
    elseif rows[name] and not key:find "%." then
      local why = value.problem(rows[name], entry.args[key])
      if why then report:add(entry, key, "bad-value", why) end
    end
  end
end

local function default_board(known)
  for _, name in ipairs(known:names "machine") do
    if known:head("machine", name)[5] == "yes" then return name end
  end
end

-- Proxmox VE's boards are QEMU's own with a number behind.
local function without_suffix(name) return (name:gsub("%+pve%d+$", "")) end

return function(line, report)
  local known = line.known
  if not known then return end
  local board = line.board and without_suffix(line.board) or default_board(known)
  for _, entry in ipairs(line:all "machine") do
    local name = entry.args and line.value(entry, "type")
    local plain = type(name) == "string" and without_suffix(name) or nil
    local section = plain and known:head("machine", plain)
    if section and plain ~= name then
      report:add(entry, "type", "foreign-option", ("'%s' is a board of Proxmox VE's own QEMU")
        :format(name))
    end
    if section == false and name ~= "help" then
      report:add(entry, "type", "unknown-machine", ("QEMU %s has no machine type '%s'%s"):format(
        known:version(), name, suggest.hint(name, known:names "machine")))
    elseif section and section[4] == "yes" then
      report:add(entry, "type", "deprecated", ("machine type '%s' is deprecated"):format(name))
    end
    local rows = board and known:properties("machine", board)
    if rows and entry.args then properties(entry, rows, board, report) end
  end
end
