-- SPDX-License-Identifier: MIT
-- docs/qemu-not-tried.md: the forms of options that no spec starts a QEMU with, by reason.
local qemu = require "lunik.qemu"

local head = [[
# Forms that are not tried

Every form of every option in `spec/options/` is rendered, read back, and given to a real QEMU
(`spec/options_try_spec.lua`). These are rendered and read back only, for want of what the reason
names. Beside them a run leaves out what the QEMU of its host came too early or too late for,
targets that are not installed, and what needs root or a device that is not there; it counts them.

Printed by `make docs`.
]]

local function code(option, text)
  text = "-" .. option .. (text and " " .. text or "")
  local fence = text:find "`" and "``" or "`"
  return fence .. text .. fence
end

local function by_reason()
  local reasons, forms = {}, {}
  for _, row in ipairs(qemu.list()) do
    for _, case in ipairs(dofile("spec/options/" .. row[1] .. ".lua")) do
      local why = type(case.try) == "string" and case.try
      if why and not forms[why] then reasons[#reasons + 1], forms[why] = why, {} end
      if why then table.insert(forms[why], code(row[1], case[2])) end
    end
  end
  table.sort(reasons)
  return reasons, forms
end

return function()
  local out, reasons, forms = { head }, by_reason()
  for _, why in ipairs(reasons) do
    out[#out + 1] = ("## %s%s\n"):format(why:sub(1, 1):upper(), why:sub(2))
    table.sort(forms[why])
    for _, form in ipairs(forms[why]) do out[#out + 1] = "- " .. form end
    out[#out + 1] = ""
  end
  return table.concat(out, "\n")
end
