-- SPDX-License-Identifier: MIT
-- Exit codes of the lunik program. Scripts rely on them; none ever changes its meaning.
-- `exit.NAME` is the code; `exit.rows` are { name, code, doc }.
local exit = { rows = {
  { "ok", 0, "done; for `lunik run`: the guest powered off" },
  { "problems", 1, "the recipe has problems, or what was asked for could not be done" },
  { "usage", 2, "the command line has problems" },
  { "start", 3, "the machine could not start" },
  { "crashed", 4, "QEMU or a helper crashed" },
  { "panicked", 5, "the guest did, or its console says that it will not come up" },
  { "deadline", 6, "something took too long" },
  { "killed", 7, "ended from outside" },
  { "provision", 8, "what the recipe provisions has failed; the machine runs on" },
  { "bug", 70, "lunik's own fault, or it lacks a library" },
  { "interrupted", 130, "Ctrl-C, as shells have it: what was asked for goes on, or is named" },
} }

for _, row in ipairs(exit.rows) do exit[row[1]] = row[2] end

return exit
