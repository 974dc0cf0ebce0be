-- SPDX-License-Identifier: MIT
-- Extensions: which are installed, and what of them cannot be had.
local extensions = require "lunik.extensions"

return { name = "extensions", doc = "what rocks add to lunik", look = function(_, say)
  local names = {}
  for _, each in ipairs(extensions.all()) do
    if not each.wrong then names[#names + 1] = each.name end
  end
  say("ok", #names > 0 and table.concat(names, ", ") or "none is installed")
  for _, why in ipairs(extensions.problems()) do say("fail", why) end
end }
