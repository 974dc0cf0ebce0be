-- SPDX-License-Identifier: MIT
-- What the verbs about one running machine share: a machine's argument, a duration's, and a task
-- in which the machine is spoken to.
local cli = require "lunik.cli"
local exit = require "lunik.exit"
local kind = require "lunik.kind"
local loop = require "lunik.loop"

local attached = {}

-- Calls work(vm, loop) with the machine that the arguments name; its results.
function attached.with(args, work)
  local l <close> = loop.new()
  return l:run(function()
    local vm <close>, why, code = cli.attach(args, l)
    if not vm then return nil, why, code end
    return work(vm, l)
  end)
end

-- "90s" or "2m" of an option: seconds or nil where it was not given | false, why, usage
function attached.seconds(args, name)
  local text = args[name]
  if not text then return nil end
  local seconds, why = kind.duration.read(tonumber(text) or text)
  if seconds then return seconds end
  return false, ("--%s: %s"):format(name, why), exit.usage
end

return attached
