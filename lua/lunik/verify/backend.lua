-- SPDX-License-Identifier: MIT
-- Network, character and audio backends, displays: whether this build has them. What no row knows
-- is looked at by the rule of arguments.
local sorted = require "lunik.text.sorted"
local suggest = require "lunik.text.suggest"

local kinds = { "netdev", "chardev", "audiodev", "display", "accel" }

-- Forms that no list of QEMU's has, and that it takes.
local unlisted = { display = { none = true, default = true, vnc = true },
  chardev = { tty = true, parport = true, spicevmc = true, spiceport = true, braille = true,
    console = true, hub = true, dbus = true } }

-- Names that people know an audio backend by; others are told by the rule of arguments.
local meant = { pulse = "pa", pulseaudio = "pa", alsaaudio = "alsa", qtaudio = "sdl" }

local function missing(entry, kind, have, line, report)
  local form, by = entry.form, entry.row.by or {}
  local screen = kind == "display" and form:match "^vnc(:.*)$"
  if screen then
    return report:add(entry, entry.row.implied, "bad-value", ("no display '%s'; did you mean "
      .. "'vnc=%s'?"):format(form, screen))
  end
  if kind == "accel" or by[form] then
    report:add(entry, entry.row.implied, "not-built",
      ("QEMU %s was built without the %s '%s', or its module is not installed"):format(
      line.known:version(), kind, form))
  elseif entry.row.open_first then
    local names = sorted(by)
    for name in pairs(have) do names[#names + 1] = by[name] and nil or name end
    local other = meant[form]
    report:add(entry, entry.row.implied, "bad-value", ("no %s '%s'%s"):format(kind, form,
      other and by[other] and ("; did you mean '%s'?"):format(other) or suggest.hint(form, names)))
  end
end

-- -machine's accel=: QEMU takes the first that it has (accel/accel-softmmu.c).
local function of_board(line, report)
  local have = {}
  for _, name in ipairs(line.known:backends "accel") do have[name] = true end
  for _, entry in ipairs(next(have) and line:all "machine" or {}) do
    local given = entry.args and entry.args.accel
    local any = type(given) ~= "string"
    for name in tostring(given):gmatch "[^:]+" do any = any or have[name] end
    if not any then
      report:add(entry, "accel", "not-built", ("QEMU %s has no accelerator '%s'%s"):format(
        line.known:version(), given, suggest.hint_or_all(given, line.known:backends "accel", 8)))
    end
  end
end

return function(line, report)
  if not line.known then return end
  of_board(line, report)
  for _, kind in ipairs(kinds) do
    local have = {}
    for _, name in ipairs(line.known:backends(kind)) do have[name] = true end
    for _, entry in ipairs(line:all(kind)) do
      local form = entry.form
      if form and next(have) and not have[form] and not (unlisted[kind] or {})[form]
        and form ~= "help" then
        missing(entry, kind, have, line, report)
      end
    end
  end
end
