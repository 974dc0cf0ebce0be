-- SPDX-License-Identifier: MIT
-- Remarks on options that the recipe keeps though they mean something else, or nothing, where lunik
-- runs QEMU.
local remark = {}

local by_option = {
  daemonize = "with this the QEMU that lunik started ends at once, and `lunik run` with it",
  S = "with this it stays paused until somebody resumes it",
  preconfig = "lunik does not speak to a QEMU that waits here",
  runas = "sandbox = false, or lunik's seccomp filter may refuse it",
  chroot = "sandbox = false, or lunik's seccomp filter may refuse it",
  ["add-fd"] = "opened by whoever started it; lunik has none to hand over",
}

local descriptors = { "fd", "fds", "sock_fd", "vhostfd", "vhostfds" }

local function about_values(args)
  local names = {}
  for _, key in ipairs(descriptors) do
    if args[key] ~= nil then names[#names + 1] = key end
  end
  if #names > 0 then
    return ("%s: opened by whoever started it; lunik has none to hand over"):format(
      table.concat(names, ", "))
  end
  if args[1] == "stdio" then return "when lunik runs it, QEMU's standard input is empty" end
end

-- A remark on an option, or nil.
function remark.of(row, args)
  return by_option[row.name] or about_values(args)
end

return remark
