-- SPDX-License-Identifier: MIT
-- Carries a drawing out (lunik.hotplug.draw): files, helpers, descriptors, commands. What has been
-- done is noted in the device as it is done, for whoever takes it back when a step fails.
local core = require "lunik.core"
local descriptors = require "lunik.process.descriptors"
local errno = require "posix.errno"
local files = require "lunik.process.files"
local helper = require "lunik.process.helper"
local live = require "lunik.qemu.live"
local overlays = require "lunik.store.overlays"

local carry_out = {}

local PATIENCE = 5         -- seconds for a command; a peer that never answers freezes all of QEMU
local FREED = 5

-- How long each step took, in milliseconds, in the order of the steps.
function carry_out.step(context, device, name)
  local now = context.loop.now()
  table.insert(device.steps, { step = name, ms = (now - device.since) * 1000 })
  device.since = now
end

local function start_helpers(launching, device, drawing)
  for _, row in ipairs(drawing.helpers) do
    local running, why = helper.start(launching, row)
    if not running then return nil, why end
    device.running = running
  end
  return true
end

-- How QEMU is handed a descriptor, by its kind: the command, and its arguments.
local function hand(row)
  if row.kind == "memory" then return "add-fd", { opaque = row.name } end
  return "getfd", { fdname = row.name }
end

-- Memory is known to the command that makes it by the number that its descriptor has in QEMU. Once
-- made it has one of its own, so that the first is closed: what closes it | nil
local function by_number(drawing, row, answer)
  if row.kind ~= "memory" then return nil end
  for _, command in ipairs(drawing.commands) do
    local arguments = command.arguments
    if command.execute == "object-add" and arguments.id == row.name then
      arguments["mem-path"] = live.MEMORY:format(answer.fd)
    end
  end
  return { ["fdset-id"] = answer["fdset-id"] }
end

-- QEMU gets what it needs open, under the names that the commands use: what is to be closed there
-- when it has been used, a list | nil, why, code
local function hand_over(context, launching, drawing)
  local open <close>, why = descriptors.open(launching)
  if not open then return nil, why end
  local spent = {}
  for i, row in ipairs(drawing.descriptors) do
    local execute, arguments = hand(row)
    local answer, reason, code = context.monitor:exec(execute, arguments, nil,
                                                      { fds = { open.fds[i + 2] } })
    if not answer then return nil, ("%s: %s"):format(execute, reason), code end
    spent[#spent + 1] = by_number(drawing, row, answer)
  end
  return spent
end

-- A daemon that has stopped answering holds QEMU inside the command: its connection is cut out
-- of band, after which QEMU goes on.
local function free(context, drawing, device)
  local instances = core.json.array {}
  for _, command in ipairs(drawing.commands) do
    if command.execute == "chardev-add" then
      instances[#instances + 1] = { type = "chardev", id = command.arguments.id }
    end
  end
  if #instances > 0 then
    context.monitor:exec("yank", { instances = instances }, FREED, { urgent = true })
  end
  if device.running then device.running:signal(9) end
end

-- Why it failed, in the words of a helper that has ended.
local function because(device, command, why)
  local running = device.running
  if running and running.ended:wait(0) then
    return ("helper %s: %s\n%s: %s"):format(running.name, running:describe(), command, why)
  end
  return why:find(command, 1, true) and why or ("%s: %s"):format(command, why)
end

-- A command that was not answered may have been carried out all the same.
local function run_commands(context, device, drawing)
  for i, command in ipairs(drawing.commands) do
    device.remove[i] = drawing.remove[i]
    local ok, why, code = context.monitor:exec(command.execute, command.arguments, PATIENCE)
    carry_out.step(context, device, command.execute)
    if not ok then
      if code == errno.ETIMEDOUT then
        free(context, drawing, device)
      else
        device.remove[i] = nil
      end
      return nil, because(device, command.execute, why), code
    end
  end
  return true
end

-- Runs the steps: true | nil, why, code. What was done is then to be taken back by the caller.
function carry_out.run(context, device, drawing)
  local launching = context.launching(drawing.descriptors, device.undo)
  local ok, why, code = true, nil, nil
  for _, file in ipairs(drawing.files) do
    if ok then ok, why = files.create(launching, file) end
    if ok then ok, why = overlays.note(launching.plan, file) end
  end
  if ok then ok, why = start_helpers(launching, device, drawing) end
  carry_out.step(context, device, "daemon")
  local spent
  if ok then spent, why, code = hand_over(context, launching, drawing) end
  carry_out.step(context, device, "getfd")
  if spent then ok, why, code = run_commands(context, device, drawing) else ok = nil end
  for _, set in ipairs(spent or {}) do context.monitor:exec("remove-fd", set) end
  return ok, why, code
end

return carry_out
