-- SPDX-License-Identifier: MIT
-- The keys of throttling, which -drive and -fsdev share (include/qemu/throttle-options.h).
local kind = require "lunik.qemu.kind"

local throttling = { keys = {}, short = {} }

local units = { bps = "bytes", iops = "requests" }
local what = { total = "", read = "of reading ", write = "of writing " }

for _, unit in ipairs { "bps", "iops" } do
  for _, way in ipairs { "total", "read", "write" } do
    local name = ("throttling.%s-%s"):format(unit, way)
    local doc = ("%s %sa second"):format(units[unit], what[way])
    for _, key in ipairs {
      { name, kind = kind.count, doc = doc },
      { name .. "-max", kind = kind.count, doc = doc .. ", in a burst" },
      { name .. "-max-length", kind = kind.count, doc = "seconds of such a burst" },
    } do
      throttling.keys[#throttling.keys + 1] = key
    end
  end
end

throttling.keys[#throttling.keys + 1] =
  { "throttling.iops-size", kind = kind.count, doc = "bytes that count as one request" }

-- -drive's older names of the same
for _, unit in ipairs { "bps", "iops" } do
  for _, way in ipairs { "", "_rd", "_wr" } do
    local doc = units[unit] .. " " .. ({ [""] = "", _rd = "of reading ", _wr = "of writing " })[way]
      .. "a second"
    table.insert(throttling.short, { unit .. way, kind = kind.count, doc = doc })
    table.insert(throttling.short, { unit .. way .. "_max", kind = kind.count,
      doc = doc .. ", in a burst" })
  end
end

return throttling
