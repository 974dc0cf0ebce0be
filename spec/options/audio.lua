-- SPDX-License-Identifier: MIT
-- -audio takes what -audiodev takes, and a card.
local cases = {
  { { "none", model = "hda" }, "none,model=hda", try = {} },
  { { "none" }, "none", since = "8.2", try = {} },
}

-- it cannot record
local wav = { says = "^audio: .* voice `ac97" }

for _, case in ipairs(require "options.audiodev") do
  local args = { model = "ac97" }
  for key, value in pairs(case[1]) do args[key] = value end
  cases[#cases + 1] = { args, (case[2]:gsub(",id=a", ",model=ac97,id=a", 1)),
    try = case[1][1] == "wav" and wav or case.try, since = case.since, removed = case.removed }
end

return cases
