-- How an end is called, and with which status `lunik run` answers for it.
local outcome = require "lunik.vm.outcome"

describe("ending", function()
  local function ends(kind, code, seen)
    seen.how, seen.value = seen.how or "exited", seen.value or 0
    local how = outcome.classify(seen)
    assert.same({ kind, code }, { how.kind, how.code })
    return how.text
  end

  it("is good when the guest powered off, asked or not", function()
    ends("poweroff", 0, { shutdown = "guest-shutdown" })
    ends("poweroff", 0, { shutdown = "guest-shutdown", forced = "late" })
    ends("reset", 0, { shutdown = "guest-reset" })
    ends("quit", 0, { shutdown = "host-qmp-quit", told_to_quit = true })
  end)

  it("is good when the machine is saved, however QEMU ends then", function()
    ends("saved", 0, { saved = "/x/m.saved", shutdown = "host-qmp-quit" })
    ends("saved", 0, { saved = "/x/m.saved", how = "killed", value = 9 })
    assert.equal("saved in /x/m.saved", ends("saved", 0, { saved = "/x/m.saved", how = "gone" }))
  end)

  it("is a crash when QEMU's process says so", function()
    assert.equal("QEMU exited with status 1", ends("crash", 4, { value = 1 }))
    assert.equal("QEMU was killed by signal 11", ends("crash", 4, { how = "killed", value = 11 }))
    ends("crash", 4, { how = "killed", value = 6, shutdown = "guest-shutdown" })
  end)

  it("comes from outside when somebody else ended QEMU", function()
    assert.equal("QEMU was killed by SIGKILL", ends("killed", 7, { how = "killed", value = 9 }))
    ends("killed", 7, { shutdown = "host-signal" })
    ends("killed", 7, { shutdown = "host-qmp-quit" })
    ends("killed", 7, { how = "gone" })
  end)

  it("tells a deadline from impatience when the ladder forced it", function()
    ends("deadline", 6, { shutdown = "host-qmp-quit", forced = "late" })
    ends("killed", 7, { shutdown = "host-qmp-quit", forced = "again" })
    ends("killed", 7, { how = "killed", value = 9, forced = "again" })
    ends("killed", 7, { shutdown = "host-qmp-quit", forced = "refused" })
  end)

  it("tells trouble of earlier from that of the end", function()
    local function earlier(seen)
      seen.how, seen.value = "exited", 0
      return outcome.classify(seen).earlier
    end
    assert.is_true(earlier { shutdown = "guest-shutdown", helper = "helper a died" })
    assert.is_true(earlier { shutdown = "guest-shutdown", late = "not ready in time" })
    assert.is_nil(earlier { shutdown = "guest-shutdown" })
    assert.is_nil(earlier { shutdown = "host-qmp-quit", forced = "late", helper = "helper a died" })
  end)

  it("is a panic whatever came after it", function()
    ends("panic", 5, { shutdown = "guest-panic" })
    ends("panic", 5, { panicked = true, shutdown = "host-qmp-quit", forced = "refused" })
  end)

  it("is spoiled by a helper that crashed or by not being ready in time", function()
    assert.equal("helper fs died", ends("helper", 4, { shutdown = "guest-shutdown",
                                                       helper = "helper fs died" }))
    assert.equal("not ready", ends("deadline", 6, { shutdown = "guest-shutdown",
                                                    late = "not ready" }))
    assert.equal("not ready: no root", ends("panic", 5, { unready = "panic",
      late = "not ready: no root", shutdown = "guest-shutdown" }))
    ends("provision", 8, { unready = "provision", late = "no", shutdown = "guest-shutdown" })
    ends("panic", 5, { panicked = true, helper = "helper fs died", late = "not ready" })
  end)
end)
