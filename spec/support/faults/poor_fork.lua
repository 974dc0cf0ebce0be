-- Run by fork_matrix_spec: `lua poor_fork.lua HOUSE-DIRECTORY [MOST]`. A clone is started with more
-- and more room for the memory of each of its processes, until it comes up. Prints a line for each:
--   MEMORY  too little  what it came to
-- Where something is left that should not be, it raises.
local assert = require "luassert"
local forking = require "support.faults.forking"
local house = require "support.house"
local unistd = require "posix.unistd"
local run = require "support.run"

-- It doubles until QEMU can be asked anything; then it grows slowly.
local FIRST, SLOW, STEP, MOST = 32 << 20, 512 << 20, 96 << 20, 1 << 36

local home = setmetatable({ dir = arg[1], started = {} }, house)
home:surroundings()
local at = forking.new(home, true)

-- lunik with so many bytes for each process: exit code, what it said
local function limited(bytes, ...)
  local reader, writer = unistd.pipe()
  local child, out = run.start { path = true, env = home.env, cwd = home.dir,
    fds = { [2] = writer },
    argv = { "prlimit", ("--as=%d:%d"):format(bytes, bytes), house.program, ... } }
  unistd.close(writer)
  run.drain(out)
  local text = run.drain(reader)
  local how, code = child:wait(60)
  assert.equal("exited", how, text)
  return code, text
end

for _, memory in ipairs { "private", "copied" } do
  local bytes, tried = FIRST, 0
  repeat
    local words = { "fork", "m.saved", "--memory", memory }
    local code, text = limited(bytes, table.unpack(words))
    assert.falsy(text:find("traceback", 1, true), text)
    if code == 0 then
      at:is_whole()
      home:does("down", "--force", "m-1")
    end
    at:is_gone()
    print(("%d MiB, %s\ttoo little\t%s"):format(bytes >> 20, memory, code == 0 and "whole"
      or text:match "lunik fork: [^\n]*"))
    io.stdout:flush()
    bytes, tried = bytes < SLOW and bytes * 2 or bytes + STEP, tried + 1
    assert.is_true(bytes < MOST, "it never works")
  until code == 0
  assert.is_true(tried > 3, "it was never too little")
end
at:again()
