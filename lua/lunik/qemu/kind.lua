-- SPDX-License-Identifier: MIT
-- Kinds of value that QEMU's options take, beside those of lunik.schema.kind. They read what a
-- recipe may write and say what is rendered: a string, an integer or a boolean. A size or
-- a path stays as it was written: it is QEMU that reads it.
local base = require "lunik.schema.kind"
local suggest = require "lunik.text.suggest"
local truth = require "lunik.qemu.truth"

local kind = { id = base.id, uuid = base.uuid, mac = base.mac }

-- One of some words, among which numbers may stand as they are: 3 is "3".
function kind.one_of(names)
  local of, numbers = base.one_of(names), {}
  for _, name in ipairs(names) do numbers[math.tointeger(tonumber(name)) or 0.5] = name end
  local read = of.read
  function of.read(value) return read(math.type(value) == "integer" and numbers[value] or value) end
  return of
end

local function define(name, expects, read, more)
  local made = { name = name, expects = expects, read = function(value)
    local out, why = read(value)
    if out ~= nil then return out end
    return nil, why or ("%s expected, got %s"):format(expects, base.show(value))
  end }
  for key, each in pairs(more or {}) do made[key] = each end
  return made
end

kind.define = define

local function bool(value)
  if type(value) == "boolean" then return value end
  return truth[value]
end

kind.on_off = define("on_off", "true or false", bool)

-- true, false, or one of `names`, which are words beside on and off.
function kind.on_off_or(names)
  local known, all = {}, { "on", "off", table.unpack(names) }
  for _, name in ipairs(names) do known[name] = true end
  local expects = "one of " .. table.concat(all, ", ")
  return define("on_off_or", expects, function(value)
    if known[value] then return value end
    local out = bool(value)
    if out ~= nil or type(value) ~= "string" then return out end
    return nil, ("%s expected, got %s%s"):format(expects, base.show(value), suggest.hint(value,
      all))
  end, { names = all })
end

kind.on_off_auto = kind.on_off_or { "auto" }

-- A whole number from `least` to `most` (either may be nil); text as QEMU reads it ("0x10").
function kind.int(least, most)
  local expects = base.int(least, most).expects
  return define("int", expects, function(value)
    local whole = value
    if type(value) == "string" then
      local digits = value:match "^%-?%d+$" or value:match "^%-?0[xX]%x+$"
      whole = digits and tonumber(digits)
    end
    whole = type(whole) == "number" and math.tointeger(whole)
    if not whole or whole < (least or whole) or whole > (most or whole) then return nil end
    return type(value) == "string" and value or whole
  end, { least = least, most = most })
end

kind.count = kind.int(0)
kind.byte = kind.int(0, 255)
kind.port = kind.int(0, 65535)

function kind.power_of_two(least)
  return define("power_of_two", "a power of two, at least " .. least, function(value)
    local whole = tonumber(value)
    whole = whole and math.tointeger(whole)
    if whole and whole >= least and whole & (whole - 1) == 0 then return value end
  end, { least = least })
end

-- qemu_strtosz (util/cutils.c): bytes, or a number with a binary unit.
kind.size = define("size", 'a size: bytes, or text such as "512M" or "4G"', function(value)
  if type(value) == "string" then
    local number = value:match "^(%d+%.?%d*)[bBkKmMgGtTpPeE]?$" or value:match "^0[xX]%x+$"
    return number and value
  end
  local whole = type(value) == "number" and math.tointeger(value)
  return whole and whole >= 0 and whole or nil
end)

-- As kind.size, but a bare number is MiB (-m).
kind.mebibytes = define("mebibytes", 'a size such as "4G", or a number of MiB', kind.size.read)

local shifts = { b = 0, k = 10, m = 20, g = 30, t = 40, p = 50, e = 60 }

-- The bytes of a size as QEMU reads it; a bare number counts in units of 1 << shift.
function kind.bytes(value, shift)
  if math.type(value) == "integer" then return value << shift end
  local number, unit = tostring(value):match "^(%d+%.?%d*)([bBkKmMgGtTpPeE]?)$"
  if not number then return nil end
  return math.tointeger(tonumber(number) * 2.0 ^ (unit == "" and shift or shifts[unit:lower()]))
end

kind.text = define("text", "text", function(value)
  if math.type(value) == "integer" then return tostring(value) end
  if type(value) ~= "string" then return nil end
  if value:find "%z" then return nil, "a NUL byte in " .. base.show(value) end
  return value
end)

-- Paths. `places(value, at)` is the value with at(path, what) in the place of each path in it
-- (lunik.qemu.paths). `what` is what it is to QEMU, and the word by which the host is looked at
-- (lunik.machine.look). Has to be there: a "file", an "image", a "device", a "program", a
-- "directory", or "searched" for what QEMU looks for in its own folders too. Is made: "output",
-- "backing" (of memory). Is a socket: a "peer" that is connected to; nil, where other keys say it.
local function path_of(places)
  return define("path", "a path", function(value)
    if type(value) == "string" and value ~= "" and not value:find "%z" then return value end
  end, { places = places })
end

local function path_to(what)
  return path_of(function(value, at) return at(value, what) end)
end

kind.path, kind.file, kind.folder = path_to(nil), path_to "file", path_to "directory"
for _, what in ipairs { "searched", "device", "output", "backing", "peer" } do
  kind[what] = path_to(what)
end
kind.image_file = path_to "image"

-- A program that is run, or `word`.
function kind.program_or(word)
  return path_of(function(value, at) return value == word and value or at(value, "program") end)
end

-- Files with colons between them.
kind.files = path_of(function(value, at)
  return (value:gsub("[^:]+", function(path) return at(path, "file") end))
end)

local function text_with(places)
  return define("text", "text", kind.text.read, { places = places })
end

-- Text that is no path but for what follows `prefix`, which is that of a socket or the like.
function kind.behind(prefix)
  return text_with(function(value, at)
    if value:sub(1, #prefix) ~= prefix or #value == #prefix then return value end
    return prefix .. at(value:sub(#prefix + 1))
  end)
end

-- The image of a disk: a file, unless it begins as a protocol does (block.c:path_has_protocol).
local function of_image(value, at)
  if value == "" then return value end
  local head, rest = value:match "^(file:)([^/].*)$"
  if not head then head, rest = value:match "^(fat:[%w:]*:)([^:/][^:]*)$" end
  if not head then head, rest = value:match "^(fat:)([^:/][^:]*)$" end
  if head then return head .. at(rest, head == "file:" and "image" or "directory") end
  return value:find "^[^/]*:" and value or at(value, "image")
end

kind.image, kind.flash = text_with(of_image), path_of(of_image)

-- An initial ramdisk; for a multiboot kernel files with arguments behind them, commas between.
kind.initrd = text_with(function(value, at)
  if not value:find "[ ,]" then return value ~= "" and at(value, "file") or value end
  return (value:gsub("[^,]+", function(module)
    return module:gsub("^[^ ]+", function(path) return at(path, "searched") end)
  end))
end)

-- What the binary calls a thing: it knows which there are.
kind.word = define("word", "a name without commas and blanks", function(value)
  if type(value) == "string" and value:find "^[^%s%c,]+$" then return value end
end)

-- A word, of which `names` are those that are documented; builds may have others.
function kind.word_such_as(names)
  return define("word", "a name such as " .. table.concat(names, ", "), kind.word.read,
    { names = names, open = true })
end

-- The name or address of a host.
kind.address = define("address", "a host's name or address", function(value)
  if type(value) == "string" and value:find "^[%w:._%%-]*$" then return value end
end)

-- The id of something that another option defines, in the name space `space`.
function kind.ref(space)
  local article = space:find "^[ao]" and "an" or "a"
  return define("ref", ("the id of %s %s"):format(article, space), function(value)
    if type(value) == "string" and value ~= "" and not value:find "[%z%s]" then return value end
  end, { ref = space })
end

-- The name of a block node that another option defines, or a definition (a table).
kind.node = define("node", "the name of a block node, or its definition", function(value)
  if type(value) == "table" then return value end
  return kind.ref("node").read(value)
end, { ref = "node", open = true })

-- A whole number or a range of them ("0-3"), as QEMU's opts visitor reads lists.
kind.range = define("range", 'a whole number, or a range such as "0-3"', function(value)
  if type(value) == "string" then
    local first, last = value:match "^(%d+)%-(%d+)$"
    if first then return tonumber(first) <= tonumber(last) and value or nil end
  end
  return kind.count.read(value)
end)

-- Boot devices, a letter each (softmmu/bootdevice.c:validate_bootdevices).
kind.drives = define("drives", 'boot devices such as "cdn", each letter from a to p once',
  function(value)
  if type(value) ~= "string" or not value:find "^[a-p]+$" then return nil end
  for letter in value:gmatch "." do
    if select(2, value:gsub(letter, "")) > 1 then return nil end
  end
  return value
end)

local depths = { ["1"] = true, ["2"] = true, ["4"] = true, ["8"] = true, ["15"] = true,
  ["16"] = true, ["24"] = true, ["32"] = true }

kind.geometry = define("geometry", 'a resolution such as "1024x768" or "1024x768x32"',
  function(value)
  if type(value) ~= "string" then return nil end
  local rest = value:match "^[1-9]%d*x[1-9]%d*(.*)$"
  local depth = rest and rest:match "^x(%d+)$"
  if rest == "" or depth and depths[depth] then return value end
end)

-- File permissions. Without the zero QEMU reads a decimal number.
kind.mode = define("mode", 'permissions in octal with their zero, such as "0644"', function(value)
  if type(value) == "string" and value:find "^0[0-7]?[0-7][0-7][0-7]$" then return value end
end)

-- Any value that can be written: for keys that only the binary knows.
kind.any = define("any", "text, a whole number or a boolean", function(value)
  if type(value) == "boolean" or math.type(value) == "integer" then return value end
  if type(value) == "string" and not value:find "%z" then return value end
end)

return kind
