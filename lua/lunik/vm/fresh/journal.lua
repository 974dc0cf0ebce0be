-- SPDX-License-Identifier: MIT
-- What has read the machine-id and keeps files by it: after a new one journalctl finds none until
-- journald is started anew.
local system = require "lunik.vm.fresh.system"

local journal = { name = "journal", stage = "rest", script = system.branch "journal" }

function journal.asked(what) return what.machine_id and {} end

return journal
