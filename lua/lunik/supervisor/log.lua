-- SPDX-License-Identifier: MIT
-- The supervisor's own log, and its standard output and error: what a hook prints, and what
-- nobody expected, lands there too.
local file = require "lunik.system.file"
local unistd = require "posix.unistd"

local log = {}
log.__index = log

-- Opens `path` as standard output and error | nil, why
function log.open(path)
  local fd, why = file.appender(path)
  if not fd then return nil, "open " .. why end
  for _, standard in ipairs { 1, 2 } do unistd.dup2(fd, standard) end
  unistd.close(fd)
  return setmetatable({ path = path }, log)
end

-- A line with its time. A disk that is full keeps nobody from running the machine.
function log.write(_, text)
  unistd.write(2, ("%s %s\n"):format(os.date "%Y-%m-%d %H:%M:%S", text))
end

return log
