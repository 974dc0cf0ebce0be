-- SPDX-License-Identifier: MIT
-- Arguments as a shell would have them: a copy that may be changed, in which what is handed over
-- as a descriptor is what it stands for.
local function pasted(args)
  local out = {}
  for key, value in pairs(args) do
    if type(value) == "table" and value.fd then
      for i = 1, #value.paste, 2 do out[value.paste[i]] = value.paste[i + 1] end
    else
      out[key] = type(value) == "table" and pasted(value) or value
    end
  end
  return out
end

return pasted
