-- SPDX-License-Identifier: MIT
-- Whose fault it is that a job has failed, by lunik's exit codes: the host's is worth another try,
-- the recipe's never, and what somebody has ended stays so.
local exit = require "lunik.exit"

local verdict = {}

local HOST = { [exit.start] = true, [exit.crashed] = true, [exit.bug] = true }

-- Whether another node may do better. `own` says that the code is lunik's, not that of the program
-- in the guest; `cause` is what is known beside it: "memory" for one that was over its memory.
function verdict.is_hosts(code, own, cause)
  return own and cause == nil and HOST[code] == true
end

return verdict
