-- SPDX-License-Identifier: MIT
-- What running a program in the guest costs: a round trip of one that does nothing, by vm:exec over
-- the control socket, over a bare agent's guest-exec and guest-exec-status, polled without a pause,
-- in the same guest, in turns; and bytes out and in, a second, beside those of ssh.
local room = require "room"
local core = require "lunik.core"
local lunik = require "lunik"
local measure = require "measure"
local stdio = require "posix.stdio"

local COUNT = tonumber(arg and arg[1]) or 200
local PART, TIMES = 32, 8       -- MiB of a file, and how often it is read
local SIZE = PART * TIMES << 20

local ACCESS = [[, ssh { user = "root", key = guest .. "/id_ed25519" },
  nic { forward = { ssh = 22 } }]]

local home = room.new(room.FLOOR .. ACCESS)
local floor = home:floor()
local vm = assert(lunik.attach "m")

measure.print("exec: a program that does nothing", "ms", measure.pairs(COUNT,
  function() floor:guest "true" end,
  function() assert(vm:exec { "true" } == 0) end))

home:guest(("head -c %d /dev/zero >/run/file"):format(PART << 20))

local cat = { "cat" }
for i = 1, TIMES do cat[i + 1] = "/run/file" end

local function rate(name, work)
  local seconds = measure.one(work)
  print(("%-44s %7.1f MB/s"):format(name, SIZE / seconds / 1e6))
end

local function counter()
  local count = 0
  return function(bytes) count = count + #bytes end, function() assert(count == SIZE, count) end
end

local function source()
  local left, piece = SIZE >> 16, ("\0"):rep(1 << 16)
  return function()
    left = left - 1
    return left >= 0 and piece or nil
  end
end

local ssh = assert(vm:ssh_argv())

-- ssh by itself, with a file for its input or its output.
local function by_ssh(words, input)
  local file <close> = assert(io.open(home.dir .. "/file", input and "rb" or "wb"))
  local argv = table.move(ssh, 1, #ssh, 1, {})
  argv[#argv + 1] = table.concat(words, " ")
  local child <close> = assert(core.proc.spawn { argv = argv, path = true,
    env = measure.environment, fds = { [input and 0 or 1] = stdio.fileno(file) } })
  local how, status = child:wait(600)
  assert(how == "exited" and status == 0, status)
end

rate("out, cat FILE", function()
  local take, check = counter()
  assert(vm:exec { stdout = take, table.unpack(cat) } == 0)
  check()
end)
rate("  the same by ssh", function() by_ssh(cat) end)
rate("in, to sha256sum", function()
  assert(vm:exec { "sha256sum", stdin = source(), stdout = function() end } == 0)
end)
rate("  the same by ssh", function() by_ssh({ "sha256sum" }, true) end)
home:close()
