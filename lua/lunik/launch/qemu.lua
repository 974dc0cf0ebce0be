-- SPDX-License-Identifier: MIT
-- Starts QEMU paused and speaks to it until it is a whole machine: the reply to
-- qmp_capabilities, not the greeting, says that every device exists. Its death is
-- watched all the while, and what it said last is the reason given.
local child = require "lunik.process.child"
local descriptors = require "lunik.process.descriptors"
local file = require "lunik.system.file"
local forwards = require "lunik.qmp.forwards"
local guard = require "lunik.process.guard"
local monitor = require "lunik.qmp.monitor"
local unistd = require "posix.unistd"

local qemu = {}

-- QEMU opens the console's log itself, and would wait for whoever reads a pipe in its place. One
-- that the recipe names may be a pipe.
local function console_log(plan)
  local log = plan.console and plan.console.log
  if not log or log:match "^(.*)/" ~= plan.state then return true end
  local fd, why = file.appender(log)
  if not fd then return nil, "open " .. why end
  unistd.close(fd)
  return true
end

-- QEMU as a child that has its descriptors | nil, why
function qemu.start(ctx)
  local argv = ctx.plan.live
  local ready, trouble = console_log(ctx.plan)
  if not ready then return nil, trouble end
  local open <close>, why = descriptors.open(ctx)
  if not open then return nil, why end
  local running
  running, why = child.start(ctx.loop, {
    name = "qemu", argv = argv, cwd = ctx.plan.cwd, env = ctx.env, fds = open.fds,
    log = ctx.plan.logs.qemu, tied = ctx.tied, shielded = ctx.shielded },
    ctx.started)
  if not running then return nil, why end
  ctx.tell("qemu", ("%s started (pid %d)"):format(argv[1], running:pid()))
  return running
end

local function failed(running, why)
  local ended = running.ended:wait(why == "ended" and 0 or 0.5)
  return nil, ("qemu: %s"):format(ended and running:describe() or why)
end

-- The monitor of a QEMU that has made all its devices | nil, why. `helpers` are those that it
-- cannot do without.
function qemu.greet(ctx, running, helpers)
  local chan = assert(ctx.channels["lunik-monitor"], "a plan without a monitor")
  local speaking, why = monitor.open(ctx.loop, chan)
  if not speaking then return nil, why end
  local ok, dead
  ok, why, dead = guard.call(ctx.loop, guard.children(running, helpers), speaking.handshake,
                             speaking, ctx.seconds)
  if ok then return speaking end
  -- a dead helper is named by who asked (lunik.launch); QEMU may say what that means, or be stuck
  if type(dead) == "table" and dead ~= running then why = "given up" end
  local lines = running:last_lines(3)
  if not running.ended:is_set() and #lines > 0 then
    why = ("%s: %s"):format(why, table.concat(lines, "\n  "))
  end
  return failed(running, why)
end

-- The plan's own commands, before the guest runs: true | nil, why
function qemu.configure(ctx, speaking)
  for _, entry in ipairs(ctx.plan.qmp) do
    local ok, why = speaking:exec(entry.execute, entry.arguments, ctx.seconds)
    if ok == nil then return nil, ("qemu: %s: %s"):format(entry.execute, why) end
  end
  return true
end

-- The forwards with the ports that QEMU chose | nil, why
function qemu.forwards(ctx, speaking)
  if #ctx.plan.forwards == 0 then return {} end
  local text, why = speaking:exec("human-monitor-command", { ["command-line"] = "info usernet" },
                                  ctx.seconds)
  if not text then return nil, why end
  return forwards.match(ctx.plan.forwards, text)
end

return qemu
