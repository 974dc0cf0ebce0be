-- SPDX-License-Identifier: MIT
-- docs/qemu-not-tried.md: the forms of options that no spec starts a QEMU with, by reason.
local qemu = require "lunik.qemu"

local head = [[
# Forms that are not tried

Every form of every option in `spec/options/` is rendered, read back, and given to a real QEMU
(`spec/qemu/options_try_spec.lua`). These are rendered and read back only, for want of what the
reason names. Beside them a run leaves out what the QEMU of its host came too early or too late
for, targets that are not installed, and what needs root or a device that is not there; it counts
them.

Printed by `make docs`.
]]

local function code(option, text)
  text = "-" .. option .. (text and " " .. text or "")
  local fence = text:find "`" and "``" or "`"
  return fence .. text .. fence
end

-- The cases of every option, { name, cases } each | nil, why
local function cases()
  local list = {}
  for _, name in ipairs(qemu.names()) do
    local path = "spec/options/" .. name .. ".lua"
    local chunk, why = loadfile(path)
    if not chunk and why:find "^cannot open" then
      return nil, ("qemu.%s has no cases: write %s, as spec/options/pidfile.lua"):format(name, path)
    end
    if not chunk then return nil, why end
    list[#list + 1] = { name = name, cases = chunk() }
  end
  return list
end

local function by_reason(list)
  local reasons, forms = {}, {}
  for _, option in ipairs(list) do
    for _, case in ipairs(option.cases) do
      local why = type(case.try) == "string" and case.try
      if why and not forms[why] then reasons[#reasons + 1], forms[why] = why, {} end
      if why then table.insert(forms[why], code(option.name, case[2])) end
    end
  end
  table.sort(reasons)
  return reasons, forms
end

-- The text | nil, why
return function()
  local list, problem = cases()
  if not list then return nil, problem end
  local out, reasons, forms = { head }, by_reason(list)
  for _, why in ipairs(reasons) do
    out[#out + 1] = ("## %s%s\n"):format(why:sub(1, 1):upper(), why:sub(2))
    table.sort(forms[why])
    for _, form in ipairs(forms[why]) do out[#out + 1] = "- " .. form end
    out[#out + 1] = ""
  end
  return table.concat(out, "\n")
end
