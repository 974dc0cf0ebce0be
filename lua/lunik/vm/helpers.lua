-- SPDX-License-Identifier: MIT
-- The helpers of a running machine: watched for their end, which is heard of at once, and come
-- and gone with the devices that they serve. Methods of lunik.vm.
local helpers = {}

local CONSEQUENCE = 0.5    -- seconds; a helper that ends this shortly before QEMU ended with it

-- QEMU ends in disorder at a reset once its TPM is gone ("Could not stop TPM"): a guest that
-- reboots ends the machine instead. Nobody else may reset it (lunik.vm.commands).
local function without_tpm(self)
  self.loop:spawn_for(self.problem, "no reboot", function()
    local ok, why = self.monitor:exec("set-action", { reboot = "shutdown" })
    if ok or self.qemu.ended:wait(CONSEQUENCE) or self.seen.shutdown then return end
    self:tell("problem", "a reboot of the guest ends QEMU in disorder: set-action: " .. why)
  end)
end

local consequences = { swtpm = without_tpm }

-- A helper that ends while the machine runs is heard of at once: who, why, what now.
local function watch(self, helper)
  helper.ended:wait()
  helper.watched = nil               -- from here on it goes on whatever becomes of its device
  self.hotplug:helper_ended(helper)
  local consequence = consequences[helper.kind]
  if consequence then consequence(self) end
  if self.qemu.ended:wait(CONSEQUENCE) or self.seen.shutdown then return end
  local text = ("helper %s: %s; %s"):format(helper.name, helper:describe(), helper.means or "")
  table.insert(self.seen.dead, helper)
  self:tell("problem", text)
  self.dispatch:post("helper-died", self.handle, {
    name = helper.name, kind = helper.kind, means = helper.means, text = text,
    how = helper.ended.values[1], value = helper.ended.values[2] })
end

-- A helper that died while the machine ran, and that no other has come for: a text | nil
function helpers:lost_helper()
  for _, helper in ipairs(self.seen.dead) do
    if not helper.replaced then return ("helper %s died"):format(helper.name) end
  end
end

function helpers:watch_helper(helper)
  helper.watched = helper.watched
    or self.loop:spawn("watch " .. helper.name, watch, self, helper)
end

function helpers:unwatch_helpers()
  for _, helper in ipairs(self.helpers) do
    if helper.watched then helper.watched:cancel() end
  end
end

-- A device that has come has brought a helper.
function helpers:with_helper(helper)
  self.helpers[#self.helpers + 1] = helper
  self:watch_helper(helper)
  if self.logs then self.logs:add(helper.log) end
end

-- A helper is about to go: its end is no news.
function helpers:without_helper(helper)
  if helper.watched then helper.watched:cancel() end
  helper.watched = nil
  for i, each in ipairs(self.helpers) do
    if each == helper then table.remove(self.helpers, i) end
  end
  if self.logs then self.logs:remove(helper.log) end
end

-- Ends a helper that the start has left to us: true | nil, why
function helpers:end_helper(helper)
  if self.undo and self.undo:forget(helper.ending) then return helper:stop() end
  return true
end

return helpers
