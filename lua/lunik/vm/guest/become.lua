-- SPDX-License-Identifier: MIT
-- Root in the guest, for what only root may do there: an agent's programs are root's, and so are
-- those of ssh where its user is root; another user has to be one who may sudo without a password.
local shape = require "lunik.vm.guest.shape"

local become = {}

local REFUSED = 113        -- a status that neither mount nor umount has

-- $1 is a script of the guest's shell, the rest its arguments. sudo is asked first whether it may.
become.SCRIPT = ([[
script=$1
shift
[ "$(id -u)" != 0 ] || exec sh -c "$script" lunik "$@"
why=$(sudo -n true 2>&1) || { echo "${why:-sudo refuses}" >&2; exit %d; }
exec sudo -n -- sh -c "$script" lunik "$@"
]]):format(REFUSED)

-- Whether who is asked there may be somebody else than root.
function become.is_needed(plan)
  local access = plan.guest and plan.guest.ssh
  return access ~= nil and access.user ~= "root"
end

-- What to do where the guest has refused, by a result of the script | nil
function become.refused(plan, done)
  if done.status ~= REFUSED then return nil end
  local access = plan.guest.ssh or {}
  return ("%s may not become root in the guest (%s): let that user sudo without a password there, "
    .. "or ssh { user = \"root\" }, or agent {}"):format(access.user or "the user",
    (shape.shown(done.err):gsub("%s+$", ""):gsub("\n+", "; ")))
end

return become
