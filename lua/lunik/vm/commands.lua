-- SPDX-License-Identifier: MIT
-- Commands of QEMU's that a running machine is given from outside, by name. Methods of lunik.vm.
local commands = {}

-- Whether a command, or a line for QEMU's human monitor, resets the machine.
local function resets(command, arguments)
  if command == "system_reset" then return true end
  local line = command == "human-monitor-command" and arguments and arguments["command-line"]
  return type(line) == "string" and line:find "^%s*system_reset" ~= nil
end

local LOST = "machine '%s' cannot be reset: its TPM is gone, and QEMU would die of it; "
             .. "lunik restart %s gives it a new one"

-- Whether a command only asks, or ends QEMU.
local function leaves_as_is(command, arguments)
  local line = command == "human-monitor-command" and arguments and arguments["command-line"]
  if line then return type(line) == "string" and line:find "^%s*info%f[%A]" ~= nil end
  return command:find "^query%-" or command:find "^qom%-[gl]" or command == "quit"
end

-- Why a command would be the end of QEMU, or of what is being saved | nil, and a code
local function refusal(self, command, arguments)
  if (self.saving or self.seen.saved) and not leaves_as_is(command, arguments) then
    return "the machine is just being saved", "busy"
  end
  if not resets(command, arguments) then return nil end
  for _, helper in ipairs(self.helpers) do
    if helper.kind == "swtpm" and helper.ended:is_set() then
      return LOST:format(self.name, self.name), "refused"
    end
  end
end

-- Runs a QMP command: what QEMU returned | nil, why, QEMU's error class or an errno
function commands:qmp(command, arguments, seconds)
  local why, code = refusal(self, command, arguments)
  if why then return nil, why, code end
  if command == "quit" then self.seen.told_to_quit = true end
  return self.monitor:exec(command, arguments, seconds)
end

-- The same for somebody who is called back, and in QEMU's order (lunik.qmp.monitor).
function commands:pass(command, arguments, done, owner)
  local why, code = refusal(self, command, arguments)
  if why then return done(nil, why, code) end
  self.monitor:pass(command, arguments, done, owner)
end

-- Drops what `owner` passed and QEMU was not yet sent, ends what it runs in the guest, and takes
-- back what was lent for its copies.
function commands:abandon(owner)
  self.monitor:abandon(owner)
  self.streams:abandon(owner)
  if next(self.lent) then require "lunik.vm.copy.lend".abandon(self, owner) end
end

return commands
