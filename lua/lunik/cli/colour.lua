-- SPDX-License-Identifier: MIT
-- Colours for people: on a terminal that has them and where nobody minds (no-color.org), and never
-- into a pipe or a file.
local stdio = require "posix.stdio"
local unistd = require "posix.unistd"

local colour = {}

local CODES = { good = "32", poor = "33", bad = "31", title = "1" }

-- What a state means to whoever reads it. Others have no colour.
local STATES = {
  good = { "ready", "running", "mounted", "plugged" },
  poor = { "paused", "paused by a disk", "paused by a signal", "starting", "stopping", "rebooting",
           "waiting", "plugging", "unplugging", "by hand", "busy", "foreign", "foreground" },
  bad = { "stuck", "unsupervised", "damaged", "lost", "gone", "failed", "dead", "stale" },
}

local meaning = {}
for what, states in pairs(STATES) do
  for _, state in ipairs(states) do meaning[state] = what end
end

-- What the colour of a state is called | nil
function colour.of_state(state) return meaning[state:match "^[^,:]*"] end

-- The number of a stream of Lua's, or of lunik.cli.output's | nil of what is neither
local function number(file)
  if io.type(file) == "file" then return stdio.fileno(file) end
  return type(file) == "table" and file.fileno and file:fileno() or nil
end
colour.number = number

local function wanted(name)
  local value = os.getenv(name)
  return value ~= nil and value ~= ""
end

-- Whether what is written to `file` may have colours.
function colour.on(file)
  local fd = number(file)
  return fd ~= nil and unistd.isatty(fd) == 1 and not wanted "NO_COLOR"
         and os.getenv "TERM" ~= "dumb"
end

-- A text in a colour, where `file` may have some and there is one for it.
function colour.paint(file, text, what)
  if not what or not colour.on(file) then return text end
  return ("\27[%sm%s\27[0m"):format(CODES[what], text)
end

return colour
