-- SPDX-License-Identifier: MIT
-- Why a table of a program's has an option that `known` ({ name = true }) has not | nil
local sorted = require "lunik.text.sorted"
local suggest = require "lunik.text.suggest"

return function(options, known)
  for name in pairs(options) do
    if not known[name] then
      return ("no option '%s'%s"):format(tostring(name),
        suggest.hint_or_all(tostring(name), sorted(known), 20))
    end
  end
end
