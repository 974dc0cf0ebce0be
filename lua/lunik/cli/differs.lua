-- SPDX-License-Identifier: MIT
local printable = require "lunik.text.printable"
local saved = require "lunik.supervisor.restore"

-- What keeps a saved machine (lunik.supervisor.restore) from going on | nil; of what is only told,
-- tell(text) hears.
return function(one, tell)
  local lunik = require "lunik"
  local machine, problems = lunik.load(one.recipe, { set = one.before, limit_memory = true,
                                                     saved = one.saved })
  local why, told = saved.differs(one, machine, not machine and lunik.text(problems))
  for _, text in ipairs(told) do tell(printable(text)) end
  return why
end
