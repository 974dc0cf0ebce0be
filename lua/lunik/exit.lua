-- SPDX-License-Identifier: MIT
-- Exit codes of the lunik program. Scripts rely on them; none ever changes its meaning.
-- `exit.NAME` is the code; `exit.rows` are { name, code, doc, example = a verb that can exit so }.
local exit = { rows = {
  { "ok", 0, "done; for `lunik run`: the guest powered off", example = "lunik check vm.lua" },
  { "problems", 1, "the recipe has problems, or what was asked for could not be done",
    example = "lunik status nobody" },
  { "usage", 2, "the command line has problems", example = "lunik wait dev --for tomorrow" },
  { "start", 3, "the machine could not start", example = "lunik up vm.lua" },
  { "crashed", 4, "QEMU or a helper crashed", example = "lunik wait dev" },
  { "panicked", 5, "the guest did, or its console says that it will not come up",
    example = "lunik wait dev --for ready" },
  { "deadline", 6, "something took too long", example = "lunik wait dev --timeout 1s" },
  { "killed", 7, "ended from outside", example = "lunik wait dev" },
  { "provision", 8, "what the recipe provisions has failed; the machine runs on",
    example = "lunik provision dev" },
  { "bug", 70, "lunik's own fault, or it lacks a library", example = "lunik doctor" },
  { "interrupted", 130, "Ctrl-C, as shells have it: what was asked for goes on, or is named",
    example = "lunik up vm.lua" },
} }

for _, row in ipairs(exit.rows) do exit[row[1]] = row[2] end

return exit
