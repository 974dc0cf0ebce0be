-- Run by fork_running_matrix_spec in a mount namespace of its own: `lua full_running.lua
-- HOUSE-DIRECTORY own|passing STEP…`. The disk that has all that lasts, the machine's own image,
-- which may go with it, and lunik's state, is full from a step of a fork on. Prints a line each:
--   STEP  full disk  what it came to
-- Where something is left that should not be, or the machine is not what it was, it raises. Others
-- than root have no virtiofsd here.
local assert = require "luassert"
local away = require "support.faults.putting_away"
local house = require "support.house"
local unistd = require "posix.unistd"

local home = setmetatable({ dir = arg[1], started = {} }, house)
home:surroundings()
local disk = home.dir .. "/state"
local at = away.new(home, disk, unistd.geteuid() ~= 0, arg[2] == "passing")

-- Those whose guest could not write wait for room, which there is now.
local function go_on()
  local waited = ""
  for _, one in ipairs(home:json("ls", "--json").machines) do
    if one.state == "paused" then
      home:does("resume", one.name)
      home:does("wait", one.name, "--for", "ready", "--timeout", "120s")
      waited = waited .. one.name .. " waits for room, "
    end
  end
  return waited
end

local function outcome(code)
  os.remove(disk .. "/filler")
  local waited = go_on()
  if code == 0 then
    at:has_clone()
    at:runs_without()
    return waited .. "whole"
  end
  local text = at.verb.text
  assert.truthy(text:find("No space left on device", 1, true), text)
  if text:find("stood still", 1, true) then
    at:runs_without()
    return waited .. "runs on, above"
  end
  at:runs()
  return waited .. "runs on"
end

for i = 3, #arg do
  at:bring "running"
  at:reach(arg[i], "fork", "m")
  os.execute(("cat /dev/zero >'%s/filler' 2>/dev/null"):format(disk))
  at:go()
  print(("%s\tfull disk\t%s"):format(arg[i], outcome(at:finish())))
  io.stdout:flush()
end
home:does("down", "--force", "m")
at:is_down()
