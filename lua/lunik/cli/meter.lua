-- SPDX-License-Identifier: MIT
-- How far a copy is, with its rate and what is left, on a line of the terminal that is drawn anew;
-- nothing where standard error is none.
local loop = require "lunik.async.loop"
local shown = require "lunik.cli.shown"
local unistd = require "posix.unistd"

local meter = {}
meter.__index = meter

local TICK = 0.25          -- seconds between two pictures

-- The picture: "a: 12M of 100M, 30M/s, 3s left"
function meter.picture(label, done, total, seconds)
  local rate = seconds > 0 and done / seconds or 0
  local text = ("%s: %s"):format(label, shown.size(done))
  if total and total >= done then text = ("%s of %s"):format(text, shown.size(total)) end
  if rate < 1 then return text end
  text = ("%s, %s/s"):format(text, shown.size(math.floor(rate)))
  if not total or total < done then return text end
  return ("%s, %s left"):format(text, shown.span(math.ceil((total - done) / rate)))
end

-- A function for the bytes that have gone, and those there are; closing it wipes the line | nil
function meter.new(err, label)
  if unistd.isatty(unistd.STDERR_FILENO) ~= 1 then return nil end
  return setmetatable({ err = err, label = label, began = loop.now(), drawn = 0 }, meter)
end

function meter:__call(done, total)
  local now = loop.now()
  if now < self.drawn + TICK then return end
  self.drawn = now
  self.err:write("\r\27[K", meter.picture(self.label, done, total, now - self.began))
  self.err:flush()
end

function meter:__close()
  if self.drawn == 0 then return end
  self.err:write "\r\27[K"
  self.err:flush()
end

return meter
