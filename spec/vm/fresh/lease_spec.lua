-- A lease is asked for where there is a card that could have one: here by a shell of the host's, in
-- a network that has none.
local input = require "lunik.vm.guest.input"
local lease = require "lunik.vm.fresh.lease"
local run = require "support.run"
local script = require "lunik.vm.fresh.script"

local guest = { run_as_root = function(_, text, _, _, bytes)
  return input.with_file(bytes or "", function(fd)
    local out, _, status = run.output { path = true, fds = { [0] = fd },
      argv = { "unshare", "-rmn", "sh", "-c", text, "lunik" } }
    return { out = out, err = "", status = status }
  end)
end }

describe("a lease", function()
  it("is asked of nobody where there is no card", function()
    local cards = { name = "cards",
                    script = "mount -t sysfs none /sys && [ -e /sys/class/net/lo ]\n" }
    local steps = { { row = cards, arguments = {} },
                    { row = lease, arguments = lease.asked { lease = true, macs = {} } } }
    assert.is_nil(script.run(guest, steps, 60))
    for _, step in ipairs(steps) do assert.is_true(step.done, step.why) end
  end)
end)
