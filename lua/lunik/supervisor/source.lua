-- SPDX-License-Identifier: MIT
-- Where clones start from: the folder of a machine that is saved, or one that is made of a machine
-- that runs, which runs on.
local clones = require "lunik.supervisor.clones"
local host = require "lunik.host"
local machines = require "lunik.supervisor.machines"
local restore = require "lunik.supervisor.restore"

local source = {}
source.__index = source
source.__close = function(self) self:close() end

-- Whether a word means a machine that runs, or that may.
local function is_machine(word)
  if host.kind(word) or not word:find "^%w[%w._-]*$" then return false end
  local how, _, vm = machines.look(word)
  if vm then vm:close() end
  return how ~= "down" and how ~= "gone"
end

-- Has a machine that runs make the folder, over its control socket: { stood_still } | nil, why
local function ask(path, word, asked, refused)
  local vm <close>, why = machines.attach(word, asked.loop)
  if not vm then return nil, why end
  why = refused()
  if why then return nil, why end
  if asked.hear then asked.hear(vm) end
  return vm:fork(path, { force = asked.force })
end

-- Makes the folder of one that runs: true | nil, why. What could not be in a clone is known before
-- anything is done to it.
local function make(self, word, asked)
  local function refused() return asked.refusal and asked.refusal(machines.remembered(word)) end
  local done, why
  if asked.make then
    why = refused()
    if not why then done, why = asked.make(self.path) end
  else
    done, why = ask(self.path, word, asked, refused)
  end
  self.stood_still = done and done.stood_still
  return done and true, why
end

-- Of a word: { path, made = a running machine's name, stood_still = for how many seconds that was
-- paused }, to be closed once the clones are up | nil, why. asked: to, where the folder of one that
-- runs is to be, and to stay; force; hear(vm), is called with its handle; refusal(before), which
-- says why a machine that is remembered so can have no clones | nil; make(path), in place of the
-- control socket of one that runs for certain: { stood_still } | nil, why; loop
function source.open(word, asked)
  local runs = asked.make ~= nil or is_machine(word)
  if asked.to and not runs then
    return nil, ("--to is for clones of a machine that runs, and '%s' does not"):format(word)
  end
  local self = setmetatable({ made = runs and word or nil }, source)
  self.path = asked.to or runs and clones.place(word) or restore.place(word)
  local why
  if clones.is_place(self.path) then self.held, why = clones.hold(self.path) end
  if why then return nil, why end
  local ok = true
  if runs then ok, why = make(self, word, asked) end
  if ok then return self end
  self:close()
  return nil, why
end

-- The same of a folder that stays.
function source.at(path) return setmetatable({ path = path }, source) end

-- What nobody stands on goes.
function source:close()
  if not self.held then return end
  self.held:close()
  self.held = nil
  clones.collect(self.path)
  if self.made then clones.tidy(self.made) end
end

return source
