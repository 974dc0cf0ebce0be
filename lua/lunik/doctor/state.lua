-- SPDX-License-Identifier: MIT
-- The folder of what machines leave behind: logs, overlays that are kept, records.
return { name = "state", doc = "the folder of logs and overlays", look = function(host, say)
  local path, there = host.state, host.state
  while there ~= "/" and not host.kind(there) do there = there:match "^(.+)/[^/]*$" or "/" end
  if host.may(there, "wx") then return say("ok", path) end
  say("fail", ("%s cannot be written to, and machines keep their logs in %s"):format(there, path),
    "export XDG_STATE_HOME=$HOME/.local/state")
end }
