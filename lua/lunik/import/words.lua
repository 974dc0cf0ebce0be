-- SPDX-License-Identifier: MIT
-- Cuts an argument vector into QEMU's options as QEMU does (softmmu/vl.c:lookup_opt): one
-- dash or two, a value exactly where the option takes one, and what is no option is a disk.
local qemu = require "lunik.qemu"

local words = {}

-- The rows' aliases, known without loading them all.
words.aliases = { M = "machine", h = "help" }

local rows = qemu.rows

local function row_of(name) return rows[words.aliases[name] or name] end

-- Programs that run the rest of their command line.
local wrappers = {}
for name in ("sudo doas env exec command nice ionice chrt taskset numactl time timeout setsid "
  .. "nohup stdbuf strace ltrace gdb rr perf valgrind systemd-run systemd-inhibit unshare "
  .. "nsenter ip xvfb-run proxychains prlimit choom setpriv runuser screen dtach abduco flock "
  .. "bwrap firejail dbus-run-session cgexec"):gmatch "%S+" do
  wrappers[name] = true
end

-- Whether a word looks like the name of QEMU's system emulator.
function words.is_qemu(word)
  local base = word:match "[^/]*$"
  return base:find "^qemu%-system" or base:find "^qemu%-kvm" or base == "kvm" or base == "qemu"
end

-- The architecture in the name of a QEMU, or nil.
function words.arch(name) return name:match "qemu%-system%-([%w_]+)[^/]*$" end

-- Where in `argv` QEMU's name stands; nil when its options come at once.
local function program_at(argv)
  local first = argv[1]
  if not first or first:sub(1, 1) == "-" then return nil end
  if wrappers[first:match "[^/]*$"] then
    for i = 2, #argv do
      if words.is_qemu(argv[i]) then return i end
    end
  end
  return 1
end

-- Options of older QEMUs, and of Proxmox's, that took a value whatever it looked like.
local valued = {}
for name in ("id bootp bt clock cpu-throttle domid hdachs machine-type nvram realtime redir smb "
  .. "startdate tb-size tftp virtioconsole watchdog writeconfig"):gmatch "%S+" do
  valued[name] = true
end

-- Reads an option that has no row, at which QEMU would stop: the next word is taken for its value,
-- unless it looks like an option.
local function unknown(argv, i)
  local value = argv[i + 1]
  if value and (value:sub(1, 1) ~= "-" or valued[argv[i]:match "^%-%-?(.*)$"]) then
    return { words = { argv[i], value } }, i + 2
  end
  return { words = { argv[i] } }, i + 1
end

-- The option at `i`: { row, text = its value, words } and the index behind it. Without a
-- row QEMU does not know it; `lacks` says that its value is missing.
local function option(argv, i)
  local word = argv[i]
  if word:sub(1, 1) ~= "-" or word == "-" then
    return { row = rows.hda, text = word, words = { word }, positional = true }, i + 1
  end
  local row = row_of(word:match "^%-%-?(.*)$")
  if not row then return unknown(argv, i) end
  if row.grammar == "flag" then return { row = row, words = { word } }, i + 1 end
  local value = argv[i + 1]
  if not value then return { words = { word }, lacks = true }, i + 1 end
  return { row = row, text = value, words = { word, value } }, i + 2
end

-- { program = its name or nil, before = words in front of it, the options in order, each with the
-- index of its first word: at }
function words.split(argv)
  local at = program_at(argv)
  local out = { program = at and argv[at], before = table.move(argv, 1, (at or 1) - 1, 1, {}) }
  local i = (at or 0) + 1
  while i <= #argv do
    local first = i
    out[#out + 1], i = option(argv, i)
    out[#out].at = first
  end
  return out
end

return words
