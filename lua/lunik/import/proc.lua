-- SPDX-License-Identifier: MIT
-- The command line of a running QEMU (proc(5)). Paths are made absolute, or as they are seen from
-- the recipe's folder, where the file is there in QEMU's.
local paths = require "lunik.import.paths"

local proc = {}

local longest = 8 << 20

-- The words of process `pid`, its folder, and whether a path was changed; or nil and why. `folder`
-- is the recipe's, where it is known.
function proc.argv(pid, host, folder)
  local path = ("/proc/%d/"):format(pid)
  if not host.kind(path) then return nil, ("no process %d"):format(pid) end
  local text, why = host.contents(path .. "cmdline", longest)
  if not text then return nil, why end
  local argv = {}
  for word in text:gmatch "([^%z]*)%z" do argv[#argv + 1] = word end
  if #argv == 0 then return nil, ("process %d has no command line"):format(pid) end
  local dir = host.real(path .. "cwd")
  local out, changed = paths.rewrite(argv, function(each)
    local whole = dir .. "/" .. each:gsub("^%./", "")
    if not host.kind(whole) then return each end
    return folder and paths.relative(whole, folder) or whole
  end)
  return out, dir, changed
end

return proc
