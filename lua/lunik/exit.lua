-- SPDX-License-Identifier: MIT
-- Exit codes of the lunik program. Scripts rely on them; none ever changes its meaning.
return {
  ok = 0,           -- done; for `run`: the guest powered off
  problems = 1,     -- the recipe has problems
  usage = 2,        -- the command line has
  start = 3,        -- the machine could not start
  crashed = 4,      -- QEMU or a helper crashed
  panicked = 5,     -- the guest did, or its console says that it will not come up
  deadline = 6,     -- something took too long
  killed = 7,       -- ended from outside
  provision = 8,    -- what the recipe provisions has failed; the machine runs on
  bug = 70,         -- lunik's own fault
  interrupted = 130, -- Ctrl-C, as shells have it: what was asked for goes on, or is named
}
