-- SPDX-License-Identifier: MIT
-- How a machine ended, from what was seen of it. A function of its arguments.
local exit = require "lunik.exit"

local outcome = {}

-- The kinds of end, and the exit status of `lunik run` for each.
outcome.kinds = {
  poweroff = { code = exit.ok, doc = "the guest powered off" },
  reset = { code = exit.ok, doc = "the guest reset, and the machine was to end then" },
  saved = { code = exit.ok, doc = "the machine was saved" },
  quit = { code = exit.ok, doc = "a hook of the recipe told QEMU to quit" },
  crash = { code = exit.crashed, doc = "QEMU crashed" },
  helper = { code = exit.crashed, doc = "the guest ended well, after a helper had crashed" },
  panic = { code = exit.panicked, doc = "the guest panicked, or said that it cannot come up" },
  provision = { code = exit.provision, doc = "what the recipe provisions has failed" },
  fork = { code = exit.start, doc = "a clone could not have what was asked of it" },
  template = { code = exit.start, doc = "a template could not be prepared" },
  deadline = { code = exit.deadline, doc = "something took longer than its deadline" },
  killed = { code = exit.killed, doc = "ended from outside" },
}

-- Signals by which somebody ends a program, as opposed to those of a crash.
local FROM_OUTSIDE = { [1] = "SIGHUP", [2] = "SIGINT", [3] = "SIGQUIT", [9] = "SIGKILL",
                       [15] = "SIGTERM" }

local function of_signal(seen)
  local name = FROM_OUTSIDE[seen.value]
  if name then return "killed", "QEMU was killed by " .. name end
  return "crash", ("QEMU was killed by signal %d"):format(seen.value)
end

-- QEMU was ended by a rung of the ladder above the guest's own way out, because …
local forced = {
  told = { "killed", "stopped without the guest, as told" },
  late = { "deadline", "stopped without the guest: it did not power off in time" },
  again = { "killed", "stopped without the guest: told to, again" },
  refused = { "killed", "stopped without the guest: it could not be asked" },
}

local reasons = {
  ["guest-shutdown"] = { "poweroff", "the guest powered off" },
  ["guest-reset"] = { "reset", "the guest reset" },
  ["guest-panic"] = { "panic", "the guest panicked" },
  ["host-qmp-quit"] = { "killed", "QEMU was told to quit by somebody else" },
  ["host-signal"] = { "killed", "QEMU was ended by a signal of somebody else" },
  ["host-ui"] = { "killed", "the window was closed" },
}

local function of_shutdown(seen)
  local reason = reasons[seen.shutdown]
  if reason then return table.unpack(reason) end
  return "poweroff", "QEMU ended: " .. (seen.shutdown or "without saying why")
end

local function of_qemu(seen)
  -- all of it is on disk by then, however QEMU ends
  if seen.saved then return "saved", "saved in " .. seen.saved end
  if seen.panicked then return "panic", "the guest panicked" end
  if seen.forced and seen.shutdown ~= "guest-shutdown" then
    return table.unpack(forced[seen.forced])
  end
  if seen.how == "killed" then return of_signal(seen) end
  if seen.how == "gone" then
    if seen.shutdown then return of_shutdown(seen) end
    return "killed", "QEMU is gone; how it ended is not known, since it was adopted"
  end
  if seen.value ~= 0 then return "crash", ("QEMU exited with status %d"):format(seen.value) end
  if seen.told_to_quit then return "quit", "QEMU was told to quit" end
  return of_shutdown(seen)
end

-- seen: how, value (of QEMU's process); shutdown (reason of the event); panicked;
-- forced (why a rung above powerdown was used: late, again, refused); told_to_quit (by
-- the recipe); late (text: why it was not ready); unready (the kind of end
-- that is); helper (text: one crashed); outlived (text: its life was over).
-- Returns { kind, text, code, earlier }: `earlier` says that the machine ended well, and that the
-- trouble lies before its end.
function outcome.classify(seen)
  local kind, text = of_qemu(seen)
  local ended = kind
  if outcome.kinds[kind].code == exit.ok and seen.helper then kind, text = "helper", seen.helper end
  if outcome.kinds[kind].code == exit.ok and seen.outlived then
    kind, text = "deadline", seen.outlived
  elseif outcome.kinds[kind].code == exit.ok and seen.late then
    kind, text = seen.unready or "deadline", seen.late
  end
  return { kind = kind, text = text, code = outcome.kinds[kind].code,
           earlier = kind ~= ended or nil }
end

return outcome
