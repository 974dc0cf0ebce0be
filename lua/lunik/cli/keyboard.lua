-- SPDX-License-Identifier: MIT
-- Text as keys of a US keyboard, by QEMU's names for them (QKeyCode): what the guest makes of them
-- is for its own layout to say.
local printable = require "lunik.text.printable"

local keyboard = {}

-- A key's name, and what it types alone and with shift.
local KEYS = {
  { "grave_accent", "`", "~" }, { "minus", "-", "_" }, { "equal", "=", "+" },
  { "bracket_left", "[", "{" }, { "bracket_right", "]", "}" }, { "backslash", "\\", "|" },
  { "semicolon", ";", ":" }, { "apostrophe", "'", '"' }, { "comma", ",", "<" },
  { "dot", ".", ">" }, { "slash", "/", "?" }, { "spc", " " }, { "ret", "\n" }, { "tab", "\t" },
  { "1", "1", "!" }, { "2", "2", "@" }, { "3", "3", "#" }, { "4", "4", "$" }, { "5", "5", "%" },
  { "6", "6", "^" }, { "7", "7", "&" }, { "8", "8", "*" }, { "9", "9", "(" }, { "0", "0", ")" },
}

local typed = {}
for _, key in ipairs(KEYS) do
  typed[key[2]] = { key[1] }
  if key[3] then typed[key[3]] = { "shift", key[1] } end
end
for byte = ("a"):byte(), ("z"):byte() do
  local letter = string.char(byte)
  typed[letter], typed[letter:upper()] = { letter }, { "shift", letter }
end

-- A text as a list of lists of keys that are pressed together | nil, why
function keyboard.of(text)
  local presses, count = {}, 0
  for character in text:gmatch "[^\x80-\xbf]?[\x80-\xbf]*" do
    if character ~= "" then
      count = count + 1
      if not typed[character] then
        return nil, ("character %d, '%s', is on no key of a US keyboard"):format(count,
          printable(character))
      end
      presses[count] = typed[character]
    end
  end
  return presses
end

return keyboard
