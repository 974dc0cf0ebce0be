-- SPDX-License-Identifier: MIT
-- Kinds of value: what a field may hold, and its canonical form: bytes, seconds,
-- absolute paths. A kind is { name, expects, read = function(value, context) ->
-- canonical | nil, why }; `parse` (optional) takes the text behind --set.
-- A path kind asks the context's host what is there; nothing else leaves here.
local budget = require "lunik.schema.budget"
local plain = require "lunik.schema.plain"
local printable = require "lunik.text.printable"
local sorted = require "lunik.text.sorted"
local suggest = require "lunik.text.suggest"

local kind = {}

-- A text of at most `most` bytes, or its beginning, cut between characters.
function kind.shortened(text, most)
  if #text <= most then return text end
  return text:sub(1, most - 3):gsub("[\xc0-\xff][\x80-\xbf]*$", "") .. "..."
end

-- A value as the recipe's author would recognise it.
function kind.show(value)
  if type(value) == "string" then return "'" .. printable(kind.shortened(value, 60)) .. "'" end
  if type(value) == "number" or type(value) == "boolean" then return tostring(value) end
  return plain.shown(value) or "a " .. type(value)
end

local function define(name, expects, read, parse)
  return { name = name, expects = expects, parse = parse, read = function(value, context)
    local canonical, why = read(value, context)
    if canonical ~= nil then return canonical end
    return nil, why or ("%s expected, got %s"):format(expects, kind.show(value))
  end }
end

kind.string = define("string", "text", function(value)
  if type(value) ~= "string" then return nil end
  if value:find "%z" then return nil, "a NUL byte in " .. kind.show(value) end
  return value
end)

kind.bool = define("bool", "true or false", function(value)
  if type(value) == "boolean" then return value end
end, function(text)
  local words = { ["true"] = true, on = true, yes = true, ["false"] = false, off = false,
    no = false }
  if words[text] == nil then return text end
  return words[text]
end)

-- What QEMU calls a thing: a board, a CPU model. Its options are not part of its name.
kind.word = define("word", "a name without commas and blanks", function(value)
  if type(value) == "string" and value:find "^[^%s%c,]+$" then return value end
  if type(value) == "string" and value:find "," then
    return nil,
      ("a name alone expected, got %s; options belong in qemu.* { … }"):format(kind.show(value))
  end
end)

-- Whole numbers from `least` to `most` (either may be nil).
function kind.int(least, most)
  local expects = "a whole number"
  if least and most then expects = ("a whole number from %d to %d"):format(least, most)
  elseif least then expects = ("a whole number, at least %d"):format(least) end
  return define("int", expects, function(value)
    local whole = type(value) == "number" and math.tointeger(value)
    if whole and whole >= (least or whole) and whole <= (most or whole) then return whole end
  end, function(text) return tonumber(text) or text end)
end

local units = { k = 10, m = 20, g = 30, t = 40, p = 50 }

-- "4G", "512M", "1.5GiB" -> bytes; binary units as QEMU's (-m, size=).
local function bytes(text)
  if #text > 32 then return nil end
  local number, unit = text:match "^(%d+%.?%d*)([kKmMgGtTpP]?)i?[bB]?$"
  if not number or text:find "^%d+%.?%d*$" then return nil end
  local shift = unit == "" and 0 or units[unit:lower()]
  local size = number:find("%.") and tonumber(number) * 2.0 ^ shift
    or (math.tointeger(tonumber(number)) or 0x7fffffff) * (1 << shift)
  if size >= 2.0 ^ 62 or tonumber(number) > 2.0 ^ (62 - shift) then
    return nil, "a size of less than 4 EiB expected, got " .. kind.show(text)
  end
  local whole = math.tointeger(size)
  return whole and whole > 0 and whole or nil
end

kind.size = define("size", 'a size such as "512M" or "4G"', function(value)
  if type(value) == "table" and math.type(value.bytes) == "integer" and value.bytes > 0 then
    return value.bytes
  end
  if type(value) == "string" then return bytes(value) end
  if type(value) == "number" then
    local whole = math.tointeger(value // 1)
    if not whole or whole <= 0 then return nil end
    return nil, ('a size with its unit expected, such as "%dM" or "%dG", got %s'):format(whole,
      whole, kind.show(value))
  end
end)

-- Bytes in the largest unit that is exact, as QEMU reads them.
function kind.size.text(size)
  for _, unit in ipairs { { 40, "T" }, { 30, "G" }, { 20, "M" }, { 10, "K" } } do
    if size % (1 << unit[1]) == 0 then return (size >> unit[1]) .. unit[2] end
  end
  return size .. "B"
end

local seconds = { s = 1, m = 60, h = 3600, d = 86400, ms = 0.001 }

kind.duration = define("duration", 'seconds, or a duration such as "90s" or "2m"', function(value)
  if type(value) == "number" and value >= 0 and value < math.huge then return value end
  if type(value) == "string" and #value <= 32 then
    local number, unit = value:match "^(%d+%.?%d*)(%l+)$"
    if number and seconds[unit] then return tonumber(number) * seconds[unit] end
  end
end, function(text) return tonumber(text) or text end)

-- A length of time in which something can be done.
kind.span = define("duration", 'a duration of more than 0 seconds, such as "90s" or "10m"',
  function(value)
    local read = kind.duration.read(value)
    return read and read > 0 and read or nil
  end, kind.duration.parse)

-- QEMU's own rule for ids (util/id.c:id_wellformed).
kind.id = define("id", "an id: a letter, then letters, digits, '-', '.', '_'", function(value)
  if type(value) == "string" and value:find "^%a[%w._-]*$" then return value end
end)

kind.longest_name = 63          -- bytes of a machine's name, which becomes a directory

kind.name = define("name",
  ("a name of at most %d letters, digits, '.', '_' and '-', first a letter or digit,"):format(
    kind.longest_name),
  function(value)
    local fits = type(value) == "string" and #value <= kind.longest_name
    if fits and value:find "^%w[%w._-]*$" then return value end
  end)

kind.uuid = define("uuid", "a UUID: 8-4-4-4-12 hexadecimal digits", function(value)
  local shape = "^" .. ("%x"):rep(8) .. ("%-" .. ("%x"):rep(4)):rep(3) .. "%-" .. ("%x"):rep(12)
    .. "$"
  if type(value) == "string" and value:find(shape) then return value:lower() end
end)

kind.mac = define("mac", "a unicast MAC address such as \"52:54:00:12:34:56\"", function(value)
  if type(value) ~= "string" or not value:find("^%x%x" .. (":%x%x"):rep(5) .. "$") then
    return nil
  end
  if tonumber(value:sub(1, 2), 16) & 1 == 1 then
    return nil, "a unicast address expected, " .. kind.show(value) .. " is multicast"
  end
  return value:lower()
end)

-- One of `names` (a list of strings).
function kind.one_of(names)
  local known = {}
  for _, name in ipairs(names) do known[name] = true end
  return { name = "one_of", names = names, expects = "one of " .. table.concat(names, ", "),
    read = function(value)
      if known[value] then return value end
      local hint = type(value) == "string" and suggest.hint(value, names) or ""
      return nil, ("one of %s expected, got %s%s"):format(table.concat(names, ", "),
        kind.show(value), hint)
    end }
end

-- A table with some of the named members, each of its kind.
function kind.record(expects, members)
  local names = sorted(members)
  return define("record", expects, function(value, context)
    if type(value) ~= "table" then return nil end
    local out = {}
    for _, name in ipairs(plain.keys(value) or {}) do
      if not members[name] then
        return nil, ("no such member %s%s"):format(kind.show(name),
          suggest.hint(tostring(name), names))
      end
      local why
      out[name], why = members[name].read(value[name], context)
      if out[name] == nil then return nil, name .. ": " .. why end
    end
    return out
  end)
end

-- Either of two kinds; a string that neither reads is judged by the second.
function kind.either(first, second)
  local expects = first.expects .. ", or " .. second.expects
  return define(first.name .. "|" .. second.name, expects, function(value, context)
    local canonical = first.read(value, context)
    if canonical ~= nil then return canonical end
    local why
    canonical, why = second.read(value, context)
    return canonical, type(value) == "string" and why or nil
  end, first.parse)
end

-- A path as it is meant, with the links in it.
function kind.absolute(value, context)
  if value == "~" or value:sub(1, 2) == "~/" then value = context.host.home .. value:sub(2) end
  if value:sub(1, 1) ~= "/" then value = context.dir .. "/" .. value end
  return value
end

-- "; did you mean 'x'?" from what lies in the folder of a path that is not there.
local function near(value, path, host)
  local folder, base = path:match "^(.*)/([^/]+)/*$"
  local names = folder and budget.once("names in " .. folder, function()
    return host.list(folder == "" and "/" or folder)
  end)
  local best = names and suggest.nearest(base, names)
  if best == "." or best == ".." then best = nil end
  if not best then return "" end
  local verbatim = base:gsub("%p", "%%%0")
  return ("; did you mean '%s'?"):format((value:gsub(verbatim .. "/*$", (best:gsub("%%", "%%%%")))))
end

-- "no such file 'x'", with the nearest name of its folder.
function kind.no_such(what, written, path, host)
  return ("no such %s %s%s"):format(what, kind.show(written), near(written, path, host))
end

kind.longest_path = 4095        -- PATH_MAX and a NUL, limits.h

function kind.too_long(path)
  return ("a path of at most %d bytes expected, got %d"):format(kind.longest_path, #path)
end

-- A path inside the guest.
kind.guest_path = { name = "guest path", argname = "PATH",
  expects = "an absolute path of the guest", read = function(value)
  if type(value) == "string" and value:sub(1, 1) == "/" and not value:find "%z" then
    if #value > kind.longest_path then return nil, kind.too_long(value) end
    return #value > 1 and value:gsub("/+$", "") or value
  end
  return nil, "an absolute path of the guest expected, got " .. kind.show(value)
end }

-- A path, made absolute against the recipe's folder. `must` says what has to be
-- there already: "file", "directory", or nil for nothing.
function kind.path(must)
  local what = must == "directory" and "directory" or "file"
  return define("path", "a path", function(value, context)
    if type(value) ~= "string" or value == "" then return nil end
    if value:find "%z" then return nil, "a NUL byte in " .. kind.show(value) end
    if #value > kind.longest_path then return nil, kind.too_long(value) end
    local path, host = kind.absolute(value, context), context.host
    local found = host.kind(path)
    if must and not found then
      return nil, kind.no_such(what, value, path, host)
    end
    if must == "directory" and found ~= "directory" then
      return nil, kind.show(value) .. " is not a directory"
    end
    if must == "file" and found == "directory" then
      return nil, kind.show(value) .. " is a directory"
    end
    return host.real(path)
  end)
end

return kind
