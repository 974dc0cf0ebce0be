-- SPDX-License-Identifier: MIT
-- The life of a device: its states, which of them may follow which, and the one function that leads
-- from one to the next and has it written down.
local life = {}

-- A row per state:
--   word  what is written down and shown; machines outlive upgrades, so these stay as they are.
--         A state without one is not listed.
--   to    the states that may follow
--   kept  whether a mount in it comes again at the next start (hotplug { keep = true })
life.states = {
  -- its row has drawn it, and nothing has been done yet
  drawn = { to = { "plugging" } },
  -- its steps are carried out
  plugging = { word = "plugging", to = { "plugged", "unplugging" } },
  -- the guest can use it
  plugged = { word = "plugged", kept = true, to = { "leaving", "unplugging", "dying" } },
  -- the guest is asked to stop using it; QEMU has not been asked for anything
  leaving = { word = "plugged", kept = true, to = { "plugged", "unplugging" } },
  -- it is taken back; who or what refuses leaves it as it was
  unplugging = { word = "unplugging", to = { "gone", "stuck", "plugged", "lost" } },
  -- some of it is left: it goes when the guest lets go of it, or somebody asks again
  stuck = { word = "unplugging", to = { "unplugging" } },
  -- its daemon has died: it is taken from the guest; what was lent for a copy is not listed as dead
  dying = { word = "unplugging", kept = true, to = { "dead", "gone", "lost" } },
  -- its daemon has died, and the guest has not let go of it
  lost = { word = "unplugging", kept = true, to = { "dying", "unplugging" } },
  -- its daemon has died, and the machine has it no more; it is listed until it comes again
  dead = { word = "dead", kept = true, to = { "returning", "gone" } },
  -- the same, while another is plugged in its place
  returning = { word = "dead", kept = true, to = { "dead", "gone" } },
  -- there is nothing of it any more
  gone = { to = {} },
}

-- The state that a word of a record stands for. Nobody is at the devices of a record: what was
-- about to go is left over.
local READ = { plugging = "plugging", plugged = "plugged", unplugging = "stuck", dead = "dead" }

local function follows(from, to)
  for _, each in ipairs(life.states[from].to) do
    if each == to then return true end
  end
  return false
end

local function position(list, device)
  for i, each in ipairs(list) do
    if each == device then return i end
  end
end

local function enlist(context, device)
  local at, listed = position(context.devices, device), life.states[device.state].word ~= nil
  if listed and not at then table.insert(context.devices, device) end
  if at and not listed then table.remove(context.devices, at) end
end

-- Leads a device to another state and has that written down: true | nil, why it could not be.
-- A step that is not declared is a bug, and raises.
function life.go(context, device, to)
  if not life.states[to] then error(("no state '%s'"):format(tostring(to)), 2) end
  if not follows(device.state, to) then
    error(("%s: %s is not followed by %s"):format(device.label, device.state, to), 2)
  end
  device.state = to
  enlist(context, device)
  return context.write_down()
end

-- Takes a device in that is there already, by the word of a record; one of the plan has none.
function life.take(context, device, word)
  device.state = READ[word] or "plugged"
  enlist(context, device)
end

function life.word(device) return life.states[device.state].word end

-- Whether the machine has no more than its name.
function life.is_dead(device) return life.word(device) == "dead" end

-- Whether somebody is plugging or unplugging it: what they do to it, as a word for a message | nil
local BUSY = { plugging = "plugged", leaving = "unplugged", unplugging = "unplugged",
               dying = "unplugged" }

function life.busy(device) return BUSY[device.state] end

return life
