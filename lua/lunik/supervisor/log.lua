-- SPDX-License-Identifier: MIT
-- The supervisor's own log, and its standard output and error: what a hook prints, and what
-- nobody expected, lands there too.
local fcntl = require "posix.fcntl"
local file = require "lunik.system.file"
local unistd = require "posix.unistd"

local log = {}
log.__index = log

-- Another descriptor of the same, for this process only | nil
local function copy(fd)
  local made = unistd.dup(fd)
  if made then fcntl.fcntl(made, fcntl.F_SETFD, fcntl.FD_CLOEXEC) end
  return made
end

-- Opens `path` as standard output and error | nil, why. `again`: what they are now is kept for
-- `leave`.
function log.open(path, again)
  local fd, why = file.appender(path)
  if not fd then return nil, "open " .. why end
  local self = setmetatable({ path = path, before = {} }, log)
  for _, standard in ipairs { 1, 2 } do
    self.before[standard] = again and copy(standard) or nil
    unistd.dup2(fd, standard)
  end
  unistd.close(fd)
  return self
end

-- Standard output and error are what they were: whoever reads them hears why there is no machine.
function log:leave()
  for standard, fd in pairs(self.before) do
    unistd.dup2(fd, standard)
    unistd.close(fd)
  end
  self.before = {}
end

-- A line with its time. A disk that is full keeps nobody from running the machine.
function log.write(_, text)
  unistd.write(2, ("%s %s\n"):format(os.date "%Y-%m-%d %H:%M:%S", text))
end

return log
