-- SPDX-License-Identifier: MIT
-- What a reader should know about options that are kept: they mean something else, or
-- nothing, when it is lunik that runs QEMU.
local remark = {}

local by_option = {
  daemonize = "with this the QEMU that lunik started ends at once, and `lunik run` with it",
  S = "lunik starts every machine paused, and lets it run when all is ready",
  preconfig = "lunik does not speak to a QEMU that waits here",
  runas = "sandbox = false, or lunik's seccomp filter may refuse it",
  chroot = "sandbox = false, or lunik's seccomp filter may refuse it",
  ["add-fd"] = "the descriptor is its starter's; lunik has none to hand over",
}

local descriptors = { fd = true, fds = true, vhostfd = true, vhostfds = true, sock_fd = true }

local function about_values(args)
  for key in pairs(args) do
    if descriptors[key] then
      return ("%s: an open descriptor of its starter; lunik has none to hand over"):format(key)
    end
  end
  if args[1] == "stdio" then return "when lunik runs it, QEMU's standard input is empty" end
end

-- A remark on an option, or nil.
function remark.of(row, args)
  return by_option[row[1]] or about_values(args)
end

return remark
