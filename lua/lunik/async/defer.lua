-- SPDX-License-Identifier: MIT
-- What is to be done at the end of a block, whatever way it is left:
--   local _ <close> = defer(function() … end)
return function(fn)
  return setmetatable({}, { __close = function() fn() end })
end
