-- SPDX-License-Identifier: MIT
-- Opens what QEMU inherits: its listening sockets, connections to helpers, taps, the lock. The
-- first of the plan's list becomes number 3, and so on. One function per kind.
local core = require "lunik.core"
local errno = require "posix.errno"
local holder = require "lunik.process.holder"
local mode = require "lunik.system.mode"
local printable = require "lunik.text.printable"
local remove = require "lunik.process.remove"
local signal = require "lunik.system.signal"
local wait = require "lunik.async.wait"

local descriptors = {}

local FIRST = 3
local PATIENCE = 10            -- seconds for the bridge helper to send its descriptor
local CONNECT = 1              -- seconds to connect to a socket of our own
local REASON = 512             -- bytes of what the bridge helper says when it cannot

local kinds = {}

-- Lunik connects to the sockets it will speak on before QEMU exists: no race, and
-- nothing that QEMU says is missed.
function kinds.listen(ctx, spec)
  local chan, why = core.chan.listen(spec.path, { mode = mode.file })
  if not chan then return nil, why end
  ctx.started:push("remove " .. spec.path, function() return remove(spec.path) end)
  local name = ctx.wanted[spec.path]
  if not name then return chan end
  ctx.channels[name], why = core.chan.connect(spec.path, CONNECT)
  if ctx.channels[name] then
    ctx.started:closing(ctx.channels[name])
    return chan
  end
  chan:close()
  return nil, why
end

function kinds.connect(ctx, spec)
  local chan = ctx.connections[spec.helper]
  if not chan then return nil, "no connection to helper " .. spec.helper end
  return chan
end

function kinds.tap(_, spec)
  local tap, why, code = core.tap.open(spec.ifname, { vnet_hdr = true })
  local one = code == errno.EBUSY and holder.interface(spec.ifname)
  if not one then return tap, why, code end
  return nil, ("%s: %s has it (pid %d)"):format(why, printable(one.name), one.pid), code
end

-- The helper is setuid: it makes a tap on the bridge and sends us the descriptor.
function kinds.bridge(ctx, spec)
  local ours, theirs = assert(core.chan.pair())
  local _ <close> = ours
  local helper, why = core.proc.spawn {
    argv = { spec.program or "/usr/lib/qemu/qemu-bridge-helper", "--use-vnet", "--fd=3",
             "--br=" .. spec.bridge }, fds = { [2] = theirs:fd(), [3] = theirs:fd() },
    env = ctx.env, group = true }
  theirs:close()
  if not helper then return nil, why end
  local bytes, fds = wait.read(ctx.loop, ours, PATIENCE, REASON, 1)
  helper:signal(signal.KILL)
  wait.exit(ctx.loop, helper, 1)
  if type(fds) == "table" then return core.chan.adopt(fds[1]) end
  return nil, ("bridge %s: %s"):format(spec.bridge, bytes and bytes:gsub("%s+$", "") or fds)
end

-- Memory of the guest's. Whoever looks for it later knows it by its name, among QEMU's own
-- descriptors (lunik.process.ram).
function kinds.memory(_, spec)
  return require "lunik.process.ram".new(spec.name, spec.size)
end

-- Memory that several have, each with pages of its own where it writes.
function kinds.template(ctx, spec)
  local memory = ctx.memory and ctx.memory[spec.name]
  if memory then return memory end
  return nil, "nobody has handed it over"
end

function kinds.lock(ctx)
  return ctx.claim.machine, nil, true
end

-- Opens them all: { fds = { [number] = ours }, handles } | nil, why. The caller closes them once
-- QEMU runs and has its own.
function descriptors.open(ctx)
  local open = setmetatable({ fds = {}, handles = {} }, { __close = descriptors.close })
  for i, spec in ipairs(ctx.plan.descriptors or {}) do
    local handle, why, borrowed = kinds[spec.kind](ctx, spec)
    if not handle then
      descriptors.close(open)
      return nil, ("descriptor %s: %s"):format(spec.name, why)
    end
    if not borrowed then table.insert(open.handles, handle) end
    open.fds[FIRST + i - 1] = handle:fd()
  end
  -- the lock of the state directory is held for as long as QEMU runs, too
  local lock = ctx.claim and ctx.claim.state
  if lock then open.fds[FIRST + #(ctx.plan.descriptors or {})] = lock:fd() end
  return open
end

function descriptors.close(open)
  for _, handle in ipairs(open.handles) do handle:close() end
  open.handles = {}
end

return descriptors
