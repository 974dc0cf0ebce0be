-- SPDX-License-Identifier: MIT
-- Removes a file that may be gone already: true | nil, why
local errno = require "posix.errno"
local unistd = require "posix.unistd"

return function(path)
  local ok, why, code = unistd.unlink(path)
  if ok or code == errno.ENOENT then return true end
  return nil, why
end
