-- SPDX-License-Identifier: MIT
-- Lua source text for values: any bytes, readable where they can be.
local quote = {}

local short = { ["\n"] = "\\n", ["\t"] = "\\t", ["\r"] = "\\r", ['"'] = '\\"', ["\\"] = "\\\\" }

local function escaped(byte) return short[byte] or ("\\x%02x"):format(byte:byte()) end

-- C1 controls, and what shows as nothing or turns the direction of the text around it
local invisible = { { 0x80, 0x9f }, { 0x200b, 0x200f }, { 0x2028, 0x202e }, { 0x2060, 0x2069 },
  { 0xfeff, 0xfeff } }

local function shown(char)
  local code = utf8.codepoint(char)
  for _, range in ipairs(invisible) do
    if code >= range[1] and code <= range[2] then return (char:gsub(".", escaped)) end
  end
end

-- Characters as they are, bytes that are none as escapes.
local function beyond_ascii(text)
  local out, at = {}, 1
  repeat
    local _, bad = utf8.len(text, at)
    out[#out + 1] = text:sub(at, (bad or 0) - 1):gsub("[\xc2-\xf4][\x80-\xbf]+", shown)
    out[#out + 1] = bad and escaped(text:sub(bad, bad))
    at = (bad or 0) + 1
  until not bad
  return table.concat(out)
end

function quote.string(text)
  if text:find('"', 1, true) and not text:find "[%c'\\\x7f-\xff]" then return "'" .. text .. "'" end
  if not text:find '[%c"\\\x7f-\xff]' then return '"' .. text .. '"' end
  text = text:gsub('[%c"\\]', escaped)
  if text:find "[\x80-\xff]" then text = beyond_ascii(text) end
  return '"' .. text .. '"'
end

local reserved = {}
for word in ("and break do else elseif end false for function goto if in local nil not or repeat "
  .. "return then true until while"):gmatch "%a+" do
  reserved[word] = true
end

-- Whether `text` can stand as a name in front of "=".
function quote.is_name(text) return text:find "^[%a_][%w_]*$" and not reserved[text] end

function quote.key(text) return quote.is_name(text) and text or "[" .. quote.string(text) .. "]" end

return quote
