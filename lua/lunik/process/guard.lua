-- SPDX-License-Identifier: MIT
-- Waits for something only as long as every process that it depends on lives.
local defer = require "lunik.async.defer"

local guard = {}

-- fn's results | nil, why, the child that ended first. `children` have a latch `ended`.
function guard.call(loop, children, fn, ...)
  local heard, arguments = loop:latch(), table.pack(...)
  local tasks = { loop:spawn("guarded", function()
    heard:set(fn(table.unpack(arguments, 1, arguments.n)))
  end) }
  for _, child in ipairs(children) do
    tasks[#tasks + 1] = loop:spawn("end of " .. child.name, function()
      child.ended:wait()
      heard:set(nil, "ended", child)
    end)
  end
  local _ <close> = defer(function()
    for _, task in ipairs(tasks) do task:cancel() end
  end)
  return heard:wait()
end

-- QEMU and the helpers of a context, as a list.
function guard.children(qemu, helpers)
  local list = { qemu }
  for _, helper in ipairs(helpers) do list[#list + 1] = helper end
  return list
end

return guard
