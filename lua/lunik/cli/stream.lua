-- SPDX-License-Identifier: MIT
-- Standard input and output as functions that a machine's method takes. What they raise is a table
-- with `why`; anything else is a bug.
local unistd = require "posix.unistd"

local stream = {}

local PIECE = 65536

-- Why standard input cannot be read, as far as can be told before anything has come | nil
function stream.unreadable()
  local _, why = unistd.read(unistd.STDIN_FILENO, 0)
  return why and "cannot read standard input: " .. why or nil
end

-- Standard input as it comes, for the loop that waits for it.
function stream.reader(loop)
  return function()
    loop:wait(unistd.STDIN_FILENO, "r")
    local bytes, why = unistd.read(unistd.STDIN_FILENO, PIECE)
    if why then error({ why = "cannot read standard input: " .. why }, 0) end
    return bytes ~= "" and bytes or nil
  end
end

-- Writes at once, and raises what whoever reads does not want any more.
function stream.writer(file)
  return function(bytes)
    file:write(bytes)
    local ok, why = file:flush()
    if not ok then error({ why = "cannot write its output: " .. why }, 0) end
  end
end

-- What one of these raised: nil, why
function stream.broken(problem)
  if type(problem) ~= "table" then error(problem, 0) end
  return nil, problem.why
end

return stream
