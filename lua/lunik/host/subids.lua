-- SPDX-License-Identifier: MIT
-- The further ids that an ordinary user may have in a user namespace: subuid(5), subgid(5), and the
-- programs that write maps with them, newuidmap(1).
local facts = require "lunik.host.facts"

-- The largest range of a user in /etc/subuid or /etc/subgid: { first, count } | nil
local function range(path)
  local best
  for line in (facts.contents(path, 1 << 20) or ""):gmatch "[^\n]+" do
    local who, first, count = line:match "^([^:]+):(%d+):(%d+)%s*$"
    if who == facts.user or who == tostring(facts.uid) then
      first, count = math.tointeger(first), math.tointeger(count)
      if count and count > 0 and (not best or count > best.count) then
        best = { first = first, count = count }
      end
    end
  end
  return best
end

-- Returns { uid = { first, count }, gid = …, newuidmap = path, newgidmap = path } | nil, why not
return function()
  local found = { newuidmap = facts.program "newuidmap", newgidmap = facts.program "newgidmap" }
  if not found.newuidmap or not found.newgidmap then
    return nil, "newuidmap and newgidmap are not in PATH (Debian: uidmap)"
  end
  for _, kind in ipairs { "uid", "gid" } do
    local path = "/etc/sub" .. kind
    found[kind] = range(path)
    if not found[kind] then return nil, ("%s has no range for %s"):format(path, facts.user) end
  end
  return found
end
