-- Run by fork_matrix_spec in a mount namespace of its own: `lua full_fork.lua HOUSE-DIRECTORY
-- TEXT…`. The disk that has lunik's state, which is where a clone's overlays and logs are, is full
-- from a step of its start on. Prints a line for each:
--   STEP  full disk  what it came to
-- Where something is left that should not be, it raises. Others than root have no virtiofsd here.
local forking = require "support.faults.forking"
local house = require "support.house"
local unistd = require "posix.unistd"

local home = setmetatable({ dir = arg[1], started = {} }, house)
home:surroundings()
local at = forking.new(home, unistd.geteuid() ~= 0)
local filler = home.dir .. "/state/filler"

local function name_of(text)
  for _, step in ipairs(forking.steps) do
    if step.text == text then return step.name end
  end
end

-- A clone that has come up is whole; one that cannot write is paused until there is room.
local function outcome(code)
  if code ~= 0 then
    os.remove(filler)
    at:is_gone()
    return "gone"
  end
  local state = at:state()
  os.remove(filler)
  if state == "paused" then
    at.home:does("resume", "m-1")
    at.home:does("wait", "m-1", "--for", "ready", "--timeout", "60s")
  end
  at:is_whole()
  at.home:does("down", "--force", "m-1")
  at:is_gone()
  return state == "paused" and "waits for room, whole" or "whole"
end

for i = 2, #arg do
  at:reach(arg[i])
  os.execute(("cat /dev/zero >'%s' 2>/dev/null"):format(filler))
  at:go()
  print(("%s\tfull disk\t%s"):format(name_of(arg[i]), outcome(at:finish())))
  io.stdout:flush()
end
at:again()
