-- SPDX-License-Identifier: MIT
-- The tar format, a header at a time: written as GNU tar and busybox both read it, read as they and
-- POSIX's pax write it. A header that is read is hostile: what is not plainly right is refused.
local tar = {}

tar.BLOCK = 512
tar.EXTENDED = 1 << 20     -- bytes of a header's own data (a long name, pax records) that are read

local FORMAT = "c100c8c8c8c12c12c8c1c100c8c32c32c8c8c155c12"
local GNU, NAME, LARGEST = "ustar  \0", 100, 1 << 53
local LONG = "././@LongLink"

local LETTERS = { file = "0", link = "1", symlink = "2", directory = "5", ["long name"] = "L",
                  ["long link"] = "K", extended = "x" }
local KINDS = { ["\0"] = "file", ["7"] = "file", ["3"] = "character device", ["4"] = "device",
                ["6"] = "fifo", g = "global" }
for kind, letter in pairs(LETTERS) do KINDS[letter] = kind end

-- As octal digits, or as GNU tar has it where they are too few.
local function number(value, width)
  value = math.max(0, value)
  if value < 1 << 3 * (width - 1) then return ("%0" .. width - 1 .. "o\0"):format(value) end
  return "\x80" .. ("\0"):rep(width - 9) .. string.pack(">I8", value)
end

local function padded(text, width) return text .. ("\0"):rep(width - #text) end

local function sum_of(block)
  local sum = 8 * 32
  for i = 1, 512 do
    if i <= 148 or i > 156 then sum = sum + block:byte(i) end
  end
  return sum
end

local function header(name, entry, letter)
  local before = padded(name, 100) .. number(entry.mode, 8) .. number(0, 8) .. number(0, 8)
    .. number(entry.size, 12) .. number(entry.mtime, 12)
  local after = letter .. padded(entry.target or "", 100) .. GNU
  local block = before .. (" "):rep(8) .. after
  block = block .. ("\0"):rep(512 - #block)
  return before .. ("%06o\0 "):format(sum_of(block)) .. block:sub(157)
end

-- What fills up the last block of so many bytes.
function tar.padding(size) return ("\0"):rep(-size % 512) end

local function long(kind, text)
  local data = text .. "\0"
  return header(LONG, { mode = 0, size = #data, mtime = 0 }, LETTERS[kind])
         .. data .. tar.padding(#data)
end

-- A pax record says how long it is, its own length included.
local function record(key, value)
  local rest = (" %s=%s\n"):format(key, value)
  local length = #rest + 1
  while #tostring(length) + #rest ~= length do length = #tostring(length) + #rest end
  return length .. rest
end

-- What an older tar passes over, and takes whole seconds.
local function exact_time(entry)
  local data = record("mtime", ("%d.%09d"):format(entry.mtime, entry.nanos))
  return header("mtime", { mode = 0, size = #data, mtime = 0 }, LETTERS.extended)
         .. data .. tar.padding(#data)
end

-- The header of an entry { kind, name, mode, mtime, nanos, size, target }; its data and their
-- padding follow.
function tar.header(entry)
  local text, name, target = "", entry.name, entry.target
  if (entry.nanos or 0) > 0 and entry.mtime >= 0 then text = exact_time(entry) end
  if target and #target > NAME then
    text, target = text .. long("long link", target), target:sub(1, NAME)
  end
  if #name > NAME then text, name = text .. long("long name", name), name:sub(1, NAME) end
  return text .. header(name, { mode = entry.mode, size = entry.size or 0, mtime = entry.mtime,
                                target = target }, LETTERS[entry.kind])
end

tar.FINISH = ("\0"):rep(1024)

-- A number of a header, as octal digits or in base 256 | nil
local function value_of(field)
  local first = field:byte()
  if first & 0x80 == 0 then
    local digits = field:match "^[ \0]*([0-7]*)[ \0]*$"
    return digits and (digits == "" and 0 or tonumber(digits, 8))
  end
  local value = first == 0xff and -1 or 0
  for i = 2, #field do
    if value >= LARGEST or value < -LARGEST then return nil end
    value = value << 8 | field:byte(i)
  end
  return (first == 0x80 or first == 0xff) and value or nil
end

local function text_of(field) return field:match "^[^\0]*" end

local function is_size(value) return value and value >= 0 and value < LARGEST end

-- Reads a header of 512 bytes: { kind, name, mode, mtime, size, target } | nil at the end, or why
function tar.read(block)
  if not block:find "[^\0]" then return nil end
  local name, mode, _, _, size, mtime, sum, letter, target, magic, _, _, _, _, prefix =
    string.unpack(FORMAT, block)
  if value_of(sum) ~= sum_of(block) then return nil, "a header with a wrong sum" end
  local entry = { kind = KINDS[letter], name = text_of(name), mode = value_of(mode),
                  size = value_of(size), mtime = value_of(mtime), target = text_of(target) }
  if not entry.kind then return nil, ("an entry of an unknown type, %q"):format(letter) end
  if not entry.mode or not entry.mtime or not is_size(entry.size) then
    return nil, "a header with a number that is none"
  end
  if magic == "ustar\00000" and prefix:byte() ~= 0 then
    entry.name = text_of(prefix) .. "/" .. entry.name
  end
  return entry
end

local function records(data)
  local at = 1
  return function()
    if at > #data then return nil end
    local length, from = data:match("^(%d%d?%d?%d?%d?%d?%d?) ()", at)
    local ends = length and at + math.tointeger(tonumber(length)) - 1
    if not ends or ends > #data or ends < from or data:byte(ends) ~= 10 then return "", "broken" end
    local key, value = data:sub(from, ends - 1):match "^([^=]+)=(.*)$"
    at = ends + 1
    return key or "", value or "broken"
  end
end

local PAX = { path = "name", linkpath = "target", size = "size", mtime = "mtime" }

-- Reads pax records into `fields`, what they say of the entry that follows: true | nil, why
function tar.extend(fields, data)
  for key, value in records(data) do
    local field = PAX[key]
    if key == "" or key:find "^GNU%.sparse" then return nil, "pax records that are none" end
    if field == "mtime" then
      local digits = value:match "^%d+%.(%d%d?%d?%d?%d?%d?%d?%d?%d?)"
      fields.nanos = digits and math.tointeger(tonumber(digits .. ("0"):rep(9 - #digits))) or 0
    end
    if field == "size" or field == "mtime" then
      value = math.tointeger(tonumber(value:match "^(-?%d+)")) or nil
      if not value or field == "size" and not is_size(value) then
        return nil, "pax records with a number that is none"
      end
    end
    if field then fields[field] = value end
  end
  return true
end

return tar
