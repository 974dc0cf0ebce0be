-- SPDX-License-Identifier: MIT
-- What a start consists of, and how long each step takes: one after the other, each until the next
-- begins. `now` is a clock in seconds.
local timeline = {}
timeline.__index = timeline

function timeline.new(now) return setmetatable({ now = now, list = {} }, timeline) end

-- A step begins, unless it is under way already.
function timeline:begin(step)
  local last = self.list[#self.list]
  if self.ended or last and last.step == step then return end
  self.list[#self.list + 1] = { step = step, at = self.now() }
end

-- What the step that is under way consists of, as somebody else has measured: entries as of read.
function timeline:inside(steps)
  local last = self.list[#self.list]
  if self.ended or not last or not steps[1] then return end
  last.steps = table.move(steps, 1, #steps, #(last.steps or {}) + 1, last.steps or {})
end

-- The last step has ended, and nothing begins any more.
function timeline:finish() self.ended = self.ended or self.now() end

-- A list of { step, ms, steps (of the same) | nil }, in their order.
function timeline:read()
  local out = {}
  for i, one in ipairs(self.list) do
    local over = self.list[i + 1] and self.list[i + 1].at or self.ended or self.now()
    out[i] = { step = one.step, ms = (over - one.at) * 1000, steps = one.steps }
  end
  return out
end

return timeline
