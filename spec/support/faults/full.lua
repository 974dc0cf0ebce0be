-- Run by save_matrix_spec in a mount namespace of its own: `lua full.lua HOUSE-DIRECTORY STEP…`.
-- The disk that has all that lasts, the machine's own image, the saved machine and lunik's state,
-- is full from a step of a save, or of a restore, on. Prints a line for each:
--   STEP  what it came to
-- Where something is left that should not be, it raises. Others than root have no virtiofsd here.
local assert = require "luassert"
local away = require "support.faults.putting_away"
local house = require "support.house"
local stat = require "posix.sys.stat"
local unistd = require "posix.unistd"

local home = setmetatable({ dir = arg[1], started = {} }, house)
home:surroundings()
local disk = home.dir .. "/state"
local at = away.new(home, disk, unistd.geteuid() ~= 0 or arg[2] == "bare")

-- Takes all the room that is left.
local function fill()
  os.execute(("cat /dev/zero >'%s/filler' 2>/dev/null"):format(disk))
end

local function room() os.remove(disk .. "/filler") end

local outcomes = {}

-- The save fails and the machine runs on, or it is saved.
function outcomes.save(code)
  if code == 0 then
    room()
    at:is_saved()
    return "is saved"
  end
  assert.truthy(at.verb.text:find("No space left on device", 1, true), at.verb.text)
  at:runs()
  room()
  return "runs on"
end

-- A guest that cannot write is paused until there is room.
local function has_room(paused)
  room()
  if not paused then return end
  home:does("resume", "m")
  home:does("wait", "m", "--for", "ready", "--timeout", "60s")
end

-- The restore is undone; or it has gone on, its guest waits for room where it writes, and what it
-- writes is told to be apart still, or to be thrown away.
function outcomes.restore(code)
  local state = at:state()
  if state ~= "running" and state ~= "paused" then
    assert.is_true(code ~= 0)
    room()
    at:is_saved()
    return "undone, is saved"
  end
  local words = state == "paused" and "waits for room, " or ""
  local apart = at.verb.text:find "kept apart" or at.verb.text:find "thrown away"
  if words ~= "" then has_room(true) end
  at:runs { above = apart }
  home:does("down", "--force", "m")
  local used = stat.lstat(at.saved .. "/used")
  room()
  if not used then
    at:is_saved()
    return words .. "runs, and was saved still"
  end
  at:has_moved()
  return words .. (apart and "runs apart, the disk has moved on" or "runs")
end

for i = 2, #arg do
  local step = arg[i]
  local verb = step:match "^save" or "restore"
  at:bring(verb == "save" and "running" or "saved")
  if verb == "save" then
    at:reach(step, "save", "m", at.saved)
  else
    at:reach(step, "restore", at.saved)
  end
  fill()
  at:go()
  local code = at:finish()
  print(("%s\t%s"):format(step, outcomes[verb](code)))
  io.stdout:flush()
end
home:lunik("down", "--force", "m")
at:is_over()
