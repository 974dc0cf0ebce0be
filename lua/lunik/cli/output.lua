-- SPDX-License-Identifier: MIT
-- Standard output that remembers what could not be written to it: a flush at the end knows nothing
-- of what was to go out before.
local stdio = require "posix.stdio"

local output = {}
output.__index = output

function output.new(file)
  return setmetatable({ file = file }, output)
end

-- The output itself | nil, why
function output:write(...)
  local ok, why = self.file:write(...)
  if ok then return self end
  self.why = self.why or why
  return nil, why
end

-- True, where everything until now has been written | nil, why
function output:flush()
  local ok, why = self.file:flush()
  if not ok then self.why = self.why or why end
  if self.why then return nil, self.why end
  return true
end

function output:fileno()
  return stdio.fileno(self.file)
end

return output
