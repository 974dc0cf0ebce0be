-- SPDX-License-Identifier: MIT
-- Words for who has what is wanted: the end of a sentence.
local printable = require "lunik.text.printable"

local holders = {}

-- ": machine 'web' has it (pid 12)" | "" where it cannot be seen. `one`: lunik.host.users. And a
-- severity: where the machine itself has it, which runs, it is no error of its recipe.
function holders.who(one, own)
  if not one or not one.pid then return "" end
  if own and one.machine == own then
    return (": this machine has it, which runs (pid %d)"):format(one.pid), "warning"
  end
  local name = printable(one.machine or one.name)
  if one.machine then name = ("machine '%s'"):format(name) end
  return (": %s has it (pid %d)"):format(name, one.pid)
end

return holders
