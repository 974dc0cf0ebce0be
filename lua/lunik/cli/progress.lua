-- SPDX-License-Identifier: MIT
-- How progress is shown: a line per step, with the machine's name before it; on a terminal a bar
-- while something takes long; as JSON, an object a line, for programs.
local colour = require "lunik.cli.colour"
local core = require "lunik.core"
local unistd = require "posix.unistd"

local progress = {}
progress.__index = progress

local WIDTH = 24           -- of the bar
local TICK = 0.25          -- seconds between two pictures of it

-- options: json, and out and err, the streams
function progress.new(loop, options)
  return setmetatable({ loop = loop, out = options.out, err = options.err, json = options.json,
                        bar = not options.json and unistd.isatty(2) == 1, waiting = {} }, progress)
end

local function erase(self)
  if self.drawn then self.err:write "\r\27[K" end
  self.drawn = false
end

-- A line about a machine; the kinds are those of launch and vm.
function progress:tell(machine, kind, text)
  if self.json then
    self.out:write(core.json.encode { lunik = 1, machine = machine, kind = kind, text = text },
      "\n")
    return self.out:flush()
  end
  erase(self)
  local problem = kind == "problem" and colour.paint(self.err, "problem:", "bad") .. " " or ""
  self.err:write(machine, ": ", problem, text, "\n")
  self.err:flush()
end

-- What a machine has taken its time for (lunik.async.timeline).
function progress:profile(machine, steps)
  if self.json then
    self.out:write(core.json.encode { lunik = 1, machine = machine, kind = "profile",
                                      steps = steps }, "\n")
    return self.out:flush()
  end
  for _, line in ipairs(require "lunik.cli.profile".lines(steps)) do
    self:tell(machine, "profile", line)
  end
end

local function picture(name, since, limit)
  local share = math.min(1, since / limit)
  local full = math.floor(share * WIDTH)
  return ("%s: waiting until it is ready [%s%s] %.0f of %.0f s"):format(name, ("#"):rep(full),
    ("."):rep(WIDTH - full), since, limit)
end

-- Draws the bar of the machine that has waited longest.
local function draw(self)
  local first
  for name, wait in pairs(self.waiting) do
    if not first or wait.from < self.waiting[first].from then first = name end
  end
  if not first then return erase(self) end
  local wait = self.waiting[first]
  self.err:write("\r\27[K", picture(first, self.loop.now() - wait.from, wait.limit))
  self.err:flush()
  self.drawn = true
end

-- From now on `machine` is waited for, for at most `limit` seconds.
function progress:wait(machine, limit)
  if not self.bar then return end
  self.waiting[machine] = { from = self.loop.now(), limit = limit }
  self.painter = self.painter or self.loop:spawn("progress", function()
    while true do
      self.loop:sleep(TICK)
      draw(self)
    end
  end)
end

function progress:waited(machine)
  self.waiting[machine] = nil
  erase(self)
end

function progress:close()
  if self.painter then self.painter:cancel() end
  erase(self)
end

return progress
