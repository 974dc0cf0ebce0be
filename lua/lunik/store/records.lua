-- SPDX-License-Identifier: MIT
-- Writes and reads the record of a machine, vm.json, and other files of lunik's own.
local fcntl = require "posix.fcntl"
local unistd = require "posix.unistd"
local core = require "lunik.core"
local mode = require "lunik.system.mode"

local records = {}

-- Writes all of `text` into a new file of ours: true | nil, why
local function write(path, text)
  local flags = fcntl.O_WRONLY | fcntl.O_CREAT | fcntl.O_TRUNC | fcntl.O_CLOEXEC
  local fd, why = fcntl.open(path, flags, mode.file)
  if not fd then return nil, "open " .. why end
  while fd and #text > 0 do
    local n
    n, why = unistd.write(fd, text)
    if not n then break end
    text = text:sub(n + 1)
  end
  if fd then unistd.close(fd) end
  if #text > 0 then return nil, ("write %s: %s"):format(path, why) end
  return true
end

-- Replaces a file of ours, so that nobody ever reads half of it: true | nil, why. It is not synced:
-- after a power loss there is no machine for it to describe.
function records.write(path, text)
  local ok, why = write(path .. ".tmp", text)
  if ok then
    ok, why = os.rename(path .. ".tmp", path)
    if ok then return true end
    why = "rename " .. why
  end
  unistd.unlink(path .. ".tmp")
  return nil, why
end

-- Writes the machine's record.
function records.save(runtime, record)
  local text, why = core.json.encode(record)
  if not text then return nil, "vm.json: " .. why end
  return records.write(runtime .. "/vm.json", text .. "\n")
end

-- Whether a record is that of a machine whose start was finished.
function records.is_up(record)
  return record.step == "running" or record.step == "stopping"
end

-- The same, of one that may live on alone.
function records.started(record)
  return not record.tied and records.is_up(record)
end

-- The record of the machine in `runtime` | nil, why
function records.read(runtime)
  local file, why = io.open(runtime .. "/vm.json")
  if not file then return nil, why end
  local _ <close> = file
  return core.json.decode(file:read "a")
end

return records
