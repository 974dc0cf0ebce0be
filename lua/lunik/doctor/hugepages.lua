-- SPDX-License-Identifier: MIT
-- Large pages that are set aside for memory backends: hugetlbpage.rst of Linux.
local distribution = require "lunik.doctor.distribution"

local FOLDER = "/sys/kernel/mm/hugepages"

return { name = "hugepages", doc = "memory in large pages", look = function(host, say)
  local names, found = host.list(FOLDER), {}
  table.sort(names)
  for _, name in ipairs(names) do
    local size = math.tointeger(tonumber(name:match "^hugepages%-(%d+)kB$" or ""))
    local function count(file)
      local text = host.head(("%s/%s/%s"):format(FOLDER, name, file), 32) or ""
      return math.tointeger(tonumber(text:match "%d+")) or 0
    end
    local all = size and count "nr_hugepages" or 0
    if all > 0 then
      found[#found + 1] = ("%d of %d pages of %d KiB are free"):format(count "free_hugepages", all,
        size)
    end
  end
  if #found > 0 then return say("ok", table.concat(found, ", ")) end
  say("ok", "none are set aside: only memory backends with hugetlb take them",
    distribution.as_root(host, "sysctl vm.nr_hugepages=512"))
end }
