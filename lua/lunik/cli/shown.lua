-- SPDX-License-Identifier: MIT
-- How machines read in a terminal: what several verbs say in the same words.
local colour = require "lunik.cli.colour"
local core = require "lunik.core"
local fit = require "lunik.cli.fit"
local printable = require "lunik.text.printable"
local portable = require "lunik.store.portable"

local shown = {}

local UNITS = { { 1 << 30, "G" }, { 1 << 20, "M" }, { 1 << 10, "K" } }

-- 1073741824 -> "1G", 275000000 -> "262M"
function shown.size(bytes)
  if not bytes then return "-" end
  for _, unit in ipairs(UNITS) do
    if bytes >= unit[1] then
      local count = bytes / unit[1]
      return (count < 10 and count % 1 ~= 0 and "%.1f%s" or "%.0f%s"):format(count, unit[2])
    end
  end
  return ("%d"):format(bytes)
end

local SPANS = { { 86400, "d" }, { 3600, "h" }, { 60, "m" }, { 1, "s" } }

-- 93784 -> "1d2h"
function shown.span(seconds)
  for i, span in ipairs(SPANS) do
    if seconds >= span[1] then
      local text = ("%d%s"):format(seconds // span[1], span[2])
      local finer = SPANS[i + 1]
      local rest = finer and (seconds % span[1]) // finer[1] or 0
      return rest > 0 and ("%s%d%s"):format(text, rest, finer[2]) or text
    end
  end
  return "0s"
end

function shown.forward(forward)
  return ("forward %s: %s %s:%d to port %d of the guest"):format(forward.name, forward.protocol,
    forward.address == "" and "*" or forward.address, forward.port, forward.guest)
end

-- A list as rows of words: `columns` are { title, word(one), colour(word)? }; the first row has
-- the titles.
function shown.rows(columns, list)
  local rows = { { colours = {} } }
  for i, column in ipairs(columns) do
    rows[1][i], rows[1].colours[i] = column[1], "title"
  end
  for _, one in ipairs(list) do
    local row = { colours = {} }
    for i, column in ipairs(columns) do
      row[i] = column[2](one)
      row.colours[i] = column[3] and column[3](row[i])
    end
    rows[#rows + 1] = row
  end
  return rows
end

-- Rows of words, in columns, which a terminal has room for.
function shown.table(rows, out)
  local widths, fd = fit.widths(rows), colour.number(out)
  local room = fd and core.terminal.size(fd)
  if room then fit.into(widths, room) end
  for _, row in ipairs(rows) do
    local words = {}
    for i = 1, #widths do
      local text = room and fit.cut(row[i], widths[i]) or row[i]
      local blanks = i < #widths and (" "):rep(widths[i] - fit.length(text)) or ""
      words[i] = colour.paint(out, text, row.colours and row.colours[i]) .. blanks
    end
    out:write(table.concat(words, "  "), "\n")
  end
end

-- A path or a tag that came over JSON.
function shown.text(value) return value and printable(portable.bytes(value)) or nil end

-- "src: /home/me/src is at /mnt/src in the guest, read-only"
function shown.mount(one)
  local to = shown.text(one.to)
  local where = to and ("is %s %s in the guest"):format(
    one.state == "mounted" and "at" or "to be at", to) or "can be mounted in the guest"
  return ("%s: %s %s%s%s"):format(shown.text(one.tag), shown.text(one.from), where,
    one.readonly and ", read-only" or "", one.owner and ", owned by " .. one.owner or "")
end

-- How far a mount is at its place in the guest, by its state; in any other it is not.
local PLACED = { mounted = "", stale = "", waiting = "to be at ", plugging = "to be at ",
                 ["by hand"] = "to be at " }

-- "mount src: /src in the guest, read-only", and why where something is wrong with it
local function access_to(mount)
  local placed = mount.to and PLACED[mount.state]
  local where = mount.to and ("%s%s in the guest"):format(placed or "not at ", mount.to)
                or mount.from .. ", for the guest to mount"
  local why = mount.why or not placed and mount.to and mount.state
  return ("mount %s: %s%s%s"):format(mount.tag, where, mount.readonly and ", read-only" or "",
                                     why and ": " .. why or "")
end

-- What one needs to use a machine that is up: a list of lines.
function shown.access(status)
  local lines = {}
  for _, forward in ipairs(status.forwards) do lines[#lines + 1] = shown.forward(forward) end
  for _, mount in ipairs(status.mounts) do lines[#lines + 1] = access_to(mount) end
  lines[#lines + 1] = status.state == "paused" and "up, paused" or "up"
  return lines
end

-- A guest that was not ready in time: why, and what it said last.
function shown.late(name, why, lines)
  local out = { why }
  if #lines > 0 then
    out[#out + 1] = "the console's last lines were:"
    for _, line in ipairs(lines) do out[#out + 1] = "  " .. printable(line) end
  end
  out[#out + 1] = ("the machine runs on: lunik console %s, lunik down %s"):format(name, name)
  return table.concat(out, "\n")
end

return shown
