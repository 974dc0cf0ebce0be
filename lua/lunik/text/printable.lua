-- SPDX-License-Identifier: MIT
-- Text from outside made fit for a terminal and for JSON: what is not UTF-8 and what
-- controls a terminal is shown as \xNN.
local function escape(bytes)
  return (bytes:gsub(".", function(c) return ("\\x%02x"):format(c:byte()) end))
end

-- C0, DEL, and C1, which UTF-8 spells in two bytes.
local function controls(text, kept)
  text = text:gsub("%c", function(c) return kept:find(c, 1, true) and c or escape(c) end)
  return (text:gsub("\xc2[\x80-\x9f]", escape))
end

local function only_utf8(text)
  local out, at = {}, 1
  while true do
    local _, bad = utf8.len(text, at)
    if not bad then break end
    out[#out + 1] = text:sub(at, bad - 1)
    out[#out + 1] = escape(text:sub(bad, bad))
    at = bad + 1
  end
  return table.concat(out) .. text:sub(at)
end

-- `kept`: control characters that may stay, such as "\n\t".
return function(text, kept)
  if not text:find "[%c\x80-\xff]" then return text end
  return controls(only_utf8(text), kept or "")
end
