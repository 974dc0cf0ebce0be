-- SPDX-License-Identifier: MIT
-- Writing a character backend's short form (grammar/chardev.lua says what QEMU does).
local argv = require "lunik.core".argv
local read = require "lunik.qemu.grammar.chardev.read"
local sorted = require "lunik.text.sorted"
local suggest = require "lunik.text.suggest"

local function text_of(value)
  if value == true then return "on" elseif value == false then return "off" end
  if type(value) == "string" or math.type(value) == "integer" then return tostring(value) end
end

-- The pairs of `args` in QEMU's spelling, as text; nil and why when one cannot be written.
local function pairs_of(args)
  local all = {}
  for key, value in pairs(args) do
    if key ~= 1 and key ~= "mon" then
      local text = text_of(value)
      if type(key) ~= "string" or not text then
        return nil, ("%s: text, a whole number or a boolean expected"):format(key)
      end
      if text:find "%z" then return nil, key .. ": a NUL byte" end
      all[key:gsub("_", "-")] = text
    end
  end
  return all
end

local function take(all, key)
  local value = all[key]
  all[key] = nil
  return value
end

local function rest_of(all, first)
  local entry = { "", false, table.unpack(first or {}) }
  for _, key in ipairs(sorted(all)) do
    entry[#entry + 1], entry[#entry + 2] = key, all[key]
    all[key] = nil
  end
  if #entry == 2 then return "" end
  local out, why = argv.render { entry }
  return out and out[2], why
end

local say = { console = function() return "con:" end }
for word in ("null msmouse wctablet braille testdev stdio none"):gmatch "%l+" do
  say[word] = function() return word end
end

local function named(form, key)
  return function(all)
    local value = take(all, key) or ""
    if value == "" then return nil, form .. ": " .. key .. " expected" end
    return form .. ":" .. value
  end
end

say.file, say.pipe = named("file", "path"), named("pipe", "path")
say.chardev = named("chardev", "id")

function say.pty(all)
  if all.path then return named("pty", "path")(all) end
  return "pty"
end

local function port_device(form, what)
  return function(all)
    local path = take(all, "path") or ""
    local args = read(path)
    if args and args[1] == form then return path end
    return nil, ("%s: %s expected, got '%s'"):format(form, what, path)
  end
end

say.serial = port_device("serial", "a path that begins with /dev/, or COM and a number,")
say.parallel = port_device("parallel", "a path that begins with /dev/parport or /dev/ppi")

function say.vc(all)
  local width, height = take(all, "width"), take(all, "height")
  local cols, rows = take(all, "cols"), take(all, "rows")
  if not (width or height or cols or rows) then return "vc" end
  local form = width and height and not cols and not rows and "vc:%sx%s"
    or cols and rows and not width and not height and "vc:%sCx%sC"
  local first, second = width or cols, height or rows
  if form and (first .. second):find "^%d+$" and #first <= 7 and #second <= 7 then
    return form:format(first, second)
  end
  return nil, "vc: width and height, or cols and rows, of at most 7 digits expected"
end

local function port(all, key, stop)
  local value = all[key]
  all[key] = nil
  if value and #value <= 32 and value:find("^[^" .. stop .. "]+$") then return value end
  return nil, ("%s expected, of at most 32 characters, got '%s'"):format(key, value or "")
end

local function plain_host(host)
  return #host <= 64 and not host:find "[:,]"
end

local function say_inet(form)
  return function(all)
    local number, why = port(all, "port", ",")
    if not number then return nil, form .. ": " .. why end
    local host, first = take(all, "host") or "", nil
    if not plain_host(host) then host, first = "", { "host", host } end
    local rest
    rest, why = rest_of(all, first)
    if not rest then return nil, why end
    return ("%s:%s:%s%s%s"):format(form, host, number, rest ~= "" and "," or "", rest)
  end
end

for _, form in ipairs { "tcp", "telnet", "tn3270", "websocket" } do say[form] = say_inet(form) end

function say.udp(all)
  local parts = {}
  for _, keys in ipairs { { "host", "port", "@," }, { "localaddr", "localport", "," } } do
    if keys[1] == "host" or all.localaddr or all.localport then
      local host = take(all, keys[1]) or ""
      local number, why = port(all, keys[2], keys[3])
      if not number then return nil, "udp: " .. why end
      if not plain_host(host) then
        return nil, ("udp: a host's name or IPv4 address expected, got '%s'"):format(host)
      end
      parts[#parts + 1] = host .. ":" .. number
    end
  end
  return "udp:" .. table.concat(parts, "@")
end

function say.unix(all)
  local path = take(all, "path") or ""
  if path == "" then return nil, "unix: path expected" end
  -- a first value with "=" before any comma would be read as a key
  local bare_path = not path:find "=" and path:gsub(",", ",,")
  local rest, why = rest_of(all, not bare_path and { "path", path } or nil)
  if not rest then return nil, why end
  if not bare_path then return "unix:" .. rest end
  return "unix:" .. bare_path .. (rest ~= "" and "," .. rest or "")
end

local forms = sorted(say)

-- Keys that QEMU would take and that change which backend it is.
local foreign = { tcp = { "path", "fd" }, unix = { "host", "port", "to", "fd" } }
foreign.telnet, foreign.tn3270, foreign.websocket = foreign.tcp, foreign.tcp, foreign.tcp

local function unsaid(form, key)
  return nil, ("'%s' cannot be said in the short form of %s; use -chardev and chardev:ID")
    :format(key, form)
end

-- The short form that says `args`, or nil and why none does. A lone first value that is
-- a short form already is taken as it is.
return function(args)
  local form = args[1]
  if type(form) ~= "string" then return nil, "a character backend's short form expected" end
  local all, why = pairs_of(args)
  if not all then return nil, why end
  if not say[form] then
    local known
    known, why = read(form)
    if known and not next(all) and not args.mon then return form end
    if form:find ":" and not known then return nil, why end
    return nil, ("'%s' is no character backend's short form%s")
      :format(form, suggest.hint(form, forms))
  end
  for _, key in ipairs { "id", "backend", table.unpack(foreign[form] or {}) } do
    if all[key] and not (form == "chardev" and key == "id") then return unsaid(form, key) end
  end
  if args.mon and (form == "none" or form == "chardev") then
    return nil, ("no monitor can be put on %s"):format(form)
  end
  local text
  text, why = say[form](all)
  if not text then return nil, why end
  local left = next(all)
  if left then return unsaid(form, left) end
  return (args.mon and "mon:" or "") .. text
end
