-- SPDX-License-Identifier: MIT
-- Loads what a supervisor needs only once QEMU runs, while that starts, which takes longer. guest:
-- of its plan | nil: what any guest may take, for one whose copies (`--several`) share it.
return function(guest)
  if not guest or guest.agent then require "lunik.vm.guest.agent" end
  if guest and guest.ssh then require "lunik.vm.guest.ssh" end
  if not guest then require "lunik.vm.guest.mount" end
  return require "lunik.control", require "lunik.vm.status", require "lunik.vm.apply.files",
         require "lunik.supervisor.rotate", require "lunik.vm.console.share"
end
