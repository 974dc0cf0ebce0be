-- SPDX-License-Identifier: MIT
-- Reading a character backend's short form (grammar/chardev.lua says what QEMU does).
local argv = require "lunik.core".argv
local sorted = require "lunik.text.sorted"
local suggest = require "lunik.text.suggest"
local truth = require "lunik.qemu.truth"

local words = {}
for word in ("null msmouse wctablet braille testdev stdio none pty"):gmatch "%l+" do
  words[word] = true
end

local flags = {}
for key in ("server wait nodelay delay telnet tn3270 websocket ipv4 ipv6 abstract tight mux "
  .. "logappend"):gmatch "%S+" do
  flags[key] = true
end

local numbers = { port = true, localport = true, to = true, reconnect = true,
  ["reconnect-ms"] = true }

-- A value as a recipe writes it; what does not read back the same stays text.
local function typed(key, value)
  if flags[key] and truth[value] ~= nil then return truth[value] end
  local number = numbers[key] and value:find "^%d+$" and math.tointeger(tonumber(value))
  return number and tostring(number) == value and number or value
end

-- util/qemu-option.c:get_opt_name_value. The bare word nodelay is "delay" switched off,
-- which QEMU reads as nodelay.
local function bare(word)
  if word == "nodelay" then return word, "on" end
  if word:sub(1, 2) == "no" then return word:sub(3), "off" end
  return word, "on"
end

local function options(args, text, implied)
  for _, pair in ipairs(argv.parse(text, implied)) do
    local key, value = pair[1], pair[2]
    if not value then key, value = bare(key) end
    if key == "backend" then return nil, "backend= in a short form" end
    if key == "" or key == "mon" or key:find "_" then
      return nil, ("no such key '%s'"):format(key)
    end
    if key ~= "id" then args[key] = typed(key, value) end
  end
  return args
end

-- HOST:PORT at the start of `text`, whose port ends before a byte of `stop`; the rest.
local function address(text, stop)
  local host, port, rest = text:match("^([^:]*):([^" .. stop .. "]+)(.*)$")
  if not host or #host > 64 or #port > 32 then return nil end
  return host, typed("port", port), rest
end

local function inet(form)
  return function(text)
    local host, port, rest = address(text, ",")
    if not host then return nil, form .. ": HOST:PORT expected" end
    local args = { form, host = host ~= "" and host or nil, port = port }
    local why
    args, why = options(args, rest:sub(2))
    -- telnet: and its like switch their key on last
    if args and form ~= "tcp" then args[form] = nil end
    return args, why
  end
end

local function ignored(text)
  return text ~= "" and text or nil
end

local function verbatim(form, key)
  return function(text)
    if text == "" then return nil, form .. ": " .. key .. " expected" end
    return { form, [key] = text }
  end
end

local read = { file = verbatim("file", "path"), pipe = verbatim("pipe", "path"),
  pty = verbatim("pty", "path"), chardev = verbatim("chardev", "id"),
  tcp = inet "tcp", telnet = inet "telnet", tn3270 = inet "tn3270", websocket = inet "websocket" }

function read.unix(text)
  local args, why = options({ "unix" }, text, "path")
  if args and (args.path or "") == "" then return nil, "unix: path expected" end
  return args, why
end

function read.udp(text)
  local host, port, rest = address(text, "@,")
  if not host then return nil, "udp: HOST:PORT expected" end
  local args = { "udp", host = host ~= "" and host or nil, port = port }
  if rest:sub(1, 1) == "@" then
    host, port, rest = address(rest:sub(2), ",")
    if not host then return nil, "udp: [HOST]:PORT expected behind '@'" end
    args.localaddr, args.localport = host ~= "" and host or nil, port
  end
  return args, ignored(rest)
end

-- sscanf's "%7[0-9]x%7[0-9]", then "%7[0-9]Cx%7[0-9]C"
local function vc(text)
  if text:sub(1, 1) ~= ":" then return { "vc" }, ignored(text) end
  local first, second, rest = text:match "^:(%d+)x(%d+)(.*)$"
  local across, down = "width", "height"
  if not first then
    first, second, rest = text:match "^:(%d+)Cx(%d+)C?(.*)$"
    across, down = "cols", "rows"
  end
  if not first or #first > 7 or #second > 7 then
    return nil, "vc: WIDTHxHEIGHT or COLSCxROWSC expected"
  end
  return { "vc", [across] = tonumber(first), [down] = tonumber(second) }, ignored(rest)
end

local function device(text)
  if text:find "^/dev/parport" or text:find "^/dev/ppi" then return { "parallel", path = text } end
  if text:find "^/dev/" or text:find "^COM" then return { "serial", path = text } end
end

local function names()
  local list = sorted(read)
  for _, name in ipairs(sorted(words)) do list[#list + 1] = name end
  return list
end

local function unmuxed(text)
  if words[text] then return { text } end
  if text:sub(1, 2) == "vc" then return vc(text:sub(3)) end
  if text == "con:" then return { "console" } end
  local form, rest = text:match "^([%l%d]+):(.*)$"
  if read[form] then return read[form](rest) end
  local args = device(text)
  if args then return args end
  local head = text:match "^([^:]*)"
  return nil, ("'%s' is no character backend's short form%s"):format(text, suggest.hint(head,
    names()))
end

-- Arguments of the short form `text`, and what of it QEMU ignores; nil and why when it is
-- not one.
return function(text)
  if text:find "%z" then return nil, "a NUL byte" end
  local rest = text:match "^mon:(.*)$"
  local args, more = unmuxed(rest or text)
  if not args then return nil, more end
  if rest and (args[1] == "none" or args[1] == "chardev") then
    return nil, ("no monitor can be put on %s"):format(args[1])
  end
  if rest then args.mon = true end
  return args, more
end
