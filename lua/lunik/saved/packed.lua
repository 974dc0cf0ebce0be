-- SPDX-License-Identifier: MIT
-- Memory of a saved machine that lies there compressed, by zstd(1).
local core = require "lunik.core"
local environment = require "lunik.process.environment"
local wait = require "lunik.async.wait"

local packed = {}

local PROGRAM = "zstd"
local PATIENCE = 3600      -- seconds for the bytes of a memory
local FSIZE = 1            -- RLIMIT_FSIZE (getrlimit(2), asm-generic/resource.h)

-- Runs it from one descriptor into another, of which at most `most` bytes are written: true
-- | nil, why. Without a loop whoever calls waits.
local function run(loop, argv, from, to, most)
  local child, why = core.proc.spawn { argv = argv, env = environment(), path = true,
    fds = { [0] = from, [1] = to },
    rlimits = most and { { resource = FSIZE, soft = most, hard = most } } }
  if not child then return nil, why end
  local _ <close> = child
  local how, value
  if loop then
    how, value = wait.exit(loop, child, PATIENCE)
  else
    how, value = child:wait(PATIENCE)
  end
  if how == "exited" and value == 0 then return true end
  if not how then child:signal(9) end
  return nil, ("%s: %s %s"):format(PROGRAM, how or "not ended:", value)
end

-- Whether what is asked to be compressed can be: true | nil, why
function packed.possible(host)
  if host.program(PROGRAM) then return true end
  return nil, "there is no zstd here to compress with: it is the package zstd"
end

-- Compresses all of a file, from where it stands: true | nil, why
function packed.pack(loop, from, to)
  return run(loop, { PROGRAM, "-q", "-c", "-T0" }, from, to)
end

-- The other way, into a file of so many bytes, in which zeroes are holes: true | nil, why
function packed.unpack(loop, from, to, size)
  return run(loop, { PROGRAM, "-q", "-d", "-c", "--sparse" }, from, to, size)
end

return packed
