-- SPDX-License-Identifier: MIT
-- `lunik hold FOLDER [SECONDS]`, for programs: keeps the memory of a saved machine for those that
-- fork it (lunik.supervisor.holder). Whoever starts it hears by descriptor 3 that it can be asked.
local core = require "lunik.core"
local exit = require "lunik.exit"
local holder = require "lunik.supervisor.holder"
local restore = require "lunik.supervisor.restore"
local template = require "lunik.supervisor.template"
local unistd = require "posix.unistd"

local hold = { name = "hold", summary = "keep the memory of a saved machine that is being forked" }

local LINK = 3

function hold.args() end

-- Nobody's child: whoever forks need not wait for its end.
local function leave()
  local pid = unistd.fork()
  if pid ~= 0 then unistd._exit(pid and 0 or 1) end
end

function hold.run(argv)
  local link = core.chan.adopt(LINK)
  if link then leave() end
  local one, why = restore.open(argv[2] or "", { again = true })
  if not one then return nil, why, exit.problems end
  local ok
  ok, why = holder.run(one.saved, template.bytes(one.saved), function()
    if not link then return end
    link:send("+", 1)
    link:close()
  end, tonumber(argv[3]))
  if ok then return exit.ok end
  return nil, why, exit.problems
end

return hold
