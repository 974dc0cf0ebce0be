-- SPDX-License-Identifier: MIT
-- Base64, as the guest agent carries bytes.
local base64 = {}

local ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"

local letter, value = {}, { ["="] = 0 }
for i = 1, #ALPHABET do
  letter[i - 1], value[ALPHABET:sub(i, i)] = ALPHABET:sub(i, i), i - 1
end

function base64.encode(bytes)
  local padding = -#bytes % 3
  local text = (bytes .. ("\0"):rep(padding)):gsub("...", function(three)
    local n = string.unpack(">I3", three)
    return letter[n >> 18] .. letter[n >> 12 & 63] .. letter[n >> 6 & 63] .. letter[n & 63]
  end)
  return text:sub(1, #text - padding) .. ("="):rep(padding)
end

-- The bytes | nil, why
function base64.decode(text)
  if #text % 4 ~= 0 or text:find "[^%w+/=]" or text:find "=[^=]" then
    return nil, "not base64"
  end
  local padding = #text:match "=*$"
  if padding > 2 then return nil, "not base64" end
  local bytes = text:gsub("(.)(.)(.)(.)", function(a, b, c, d)
    return string.pack(">I3", value[a] << 18 | value[b] << 12 | value[c] << 6 | value[d])
  end)
  return bytes:sub(1, #bytes - padding)
end

return base64
