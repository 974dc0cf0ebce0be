-- SPDX-License-Identifier: MIT
-- Copies that stand for images while an attempt at a job runs: those of the node's cache, and those
-- of overlays that are kept (lunik.fleet.kept).
local cache = require "lunik.fleet.cache"
local exit = require "lunik.exit"
local image = require "lunik.fleet.image"
local kept = require "lunik.fleet.kept"

local stand_ins = {}
stand_ins.__index = stand_ins

-- What a job ends with that was called away while it copied.
local function called_away(path) return ("interrupted while %s was copied"):format(path) end

-- The images of the batch that the machine reads: { path, sum, bytes } each
local function wanted(batch, machine)
  local known, list = {}, {}
  for _, one in ipairs(batch.images or {}) do known[one.path] = one end
  for _, path in ipairs(batch.cache and image.bases(machine) or {}) do
    list[#list + 1] = known[path]
  end
  return list
end

-- From the node's cache, or where it cannot be, the image itself: true | nil, why, exit code
local function fetch(self, one)
  local attempt = self.attempt
  local path, made, kind = cache.fetch(one, attempt.place, attempt.batch.cache, self.stopped)
  if path then
    if made then self.tell(("%s: copied into the node's cache"):format(one.path)) end
    self.images[one.path] = path
    return true
  end
  local why = made
  if kind == "changed" then return nil, why, exit.problems end
  if why == image.INTERRUPTED then return nil, called_away(one.path), exit.killed end
  self.tell(("%s is read where it is: %s"):format(one.path, why))
  return true
end

local function keep(self, item)
  local one, why = kept.take(item.overlay, self.attempt.job, self.attempt.number, self.stopped)
  if why == image.INTERRUPTED then return nil, called_away(item.overlay), exit.killed end
  if not one then return nil, why, exit.start end
  self.images[item.overlay] = one.copy
  table.insert(self.kept, one)
  return true
end

-- What stands for images of a machine: { images } | nil, why, exit code. tell(text);
-- stopped(): whether the job is called away
function stand_ins.take(attempt, machine, tell, stopped)
  local self = setmetatable({ attempt = attempt, tell = tell, stopped = stopped, images = {},
                              kept = {} }, stand_ins)
  for _, one in ipairs(wanted(attempt.batch, machine)) do
    local ok, why, code = fetch(self, one)
    if not ok then return nil, why, code end
  end
  for _, item in ipairs(machine.items) do
    local ok, why, code = true, nil, nil
    if image.is_kept(item) then ok, why, code = keep(self, item) end
    if not ok then
      self:finish(true)
      return nil, why, code
    end
  end
  return self
end

-- Puts overlays into their places, or gives up what was written where the job is tried again: true
-- | nil, why
function stand_ins:finish(again)
  local ok, why = true, nil
  for _, one in ipairs(self.kept) do
    if again then
      one:drop()
    elseif ok then
      ok, why = one:publish(self.attempt:overtaken())
    end
  end
  return ok, why
end

return stand_ins
