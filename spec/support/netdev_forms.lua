-- SPDX-License-Identifier: MIT
-- The cases of -netdev, for options that take the same backends.

-- What a case asks for beside words: descriptors.
local function resources(try)
  if type(try) == "string" then return try end
  local out = { needs = try.needs }
  for _, each in ipairs(try) do
    if type(each) == "table" then out[#out + 1] = each end
  end
  return out
end

-- Appends them to `cases` but for the types in `without` and what `keys` (a list) say.
return function(cases, without, keys)
  for _, case in ipairs(dofile "spec/options/netdev.lua") do
    if not without[case[1][1]] then
      local args, text = {}, case[2]
      for key, value in pairs(case[1]) do args[key] = value end
      for _, key in ipairs(keys) do
        args[key] = nil
        text = text:gsub("," .. key .. "=[^,]*", "")
      end
      cases[#cases + 1] = { args, text, since = case.since, removed = case.removed,
        try = resources(case.try) }
    end
  end
end
