-- SPDX-License-Identifier: MIT
local cases = {
  { { "none" }, "none", try = {} },
  { { "nic", id = "card", model = "e1000", macaddr = "52:54:00:12:34:56", netdev = "n0", addr = "5",
      vectors = 0 },
    "nic,id=card,addr=5,macaddr=52:54:00:12:34:56,model=e1000,netdev=n0,vectors=0",
    try = { "-netdev", "user,id=n0" } },
}
require "support.netdev_forms" (cases,
  { stream = true, dgram = true, hubport = true, ["vhost-user"] = true, ["vhost-vdpa"] = true }, {})

for _, case in ipairs(cases) do
  if case[1].queues == 2 then case.try = "its hub has one queue" end
end

return cases
