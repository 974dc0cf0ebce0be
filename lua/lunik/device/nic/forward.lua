-- SPDX-License-Identifier: MIT
-- The kind of value of `forward`, in any of the forms below. Canonical: a list of { name,
-- protocol, address, port, guest }, sorted.
local kind = require "lunik.schema.kind"
local plain = require "lunik.schema.plain"

local tcp_port = { name = "port", expects = "a port from 1 to 65535", read = function(value)
  local port = kind.int(1, 65535).read(value)
  if port then return port end
  return nil, "a port from 1 to 65535 expected, got " .. kind.show(value)
end }

local ipv4 = { read = function(value)
  local parts = type(value) == "string"
    and { value:match "^(%d%d?%d?)%.(%d%d?%d?)%.(%d%d?%d?)%.(%d%d?%d?)$" } or {}
  local fits = #parts == 4
  for _, part in ipairs(parts) do fits = fits and tonumber(part) <= 255 end
  if fits then return value end
  return nil, "an IPv4 address expected, got " .. kind.show(value)
end }

local record = kind.record("a forward such as { guest = 53, protocol = \"udp\" }",
  { guest = tcp_port, host = tcp_port, protocol = kind.one_of { "tcp", "udp" }, address = ipv4 })

local function read_table(value, context)
  local out, why = record.read(value, context)
  if out and not out.guest then return nil, "guest: required: a port of the guest" end
  return out, why
end

local function read_one(key, value, context)
  local host = context.host
  local spec, why
  if type(value) == "table" then
    spec, why = read_table(value, context)
  else
    local guest
    guest, why = tcp_port.read(value)
    spec = guest and { guest = guest }
  end
  if not spec then return nil, why end
  local number = math.tointeger(tonumber(key))
  if number and not tcp_port.read(number) then
    return nil, "a host port from 1 to 65535 expected"
  end
  if not number and not kind.name.read(key) then
    return nil, "a host port or a name such as 'ssh' expected"
  end
  local port = spec.host or number or 0
  if port ~= 0 and port < host.unprivileged_port and host.uid ~= 0 then
    return nil,
      ("host port %d is below %d and needs root; a name in its place gets a free port"):format(
      port, host.unprivileged_port)
  end
  return { name = tostring(number or key), protocol = spec.protocol or "tcp",
    address = spec.address or "127.0.0.1", port = port, guest = spec.guest }
end

-- What may stand in the table; the docs print these.
local forms = {
  { write = "ssh = 22", doc = "a name: the host's port is a free one, chosen at the start; "
    .. "vm:forward \"ssh\" and lunik forward tell it" },
  { write = '["8080"] = 80', doc = "a number: this port of the host, and its name too" },
  { write = "web = { guest = 80, host = 8080 }", doc = "this port of the host, by a name" },
  { write = 'dns = { guest = 53, protocol = "udp" }', doc = "UDP in place of TCP" },
  { write = 'all = { guest = 80, host = 8080, address = "0.0.0.0" }',
    doc = "on another IPv4 address of the host than 127.0.0.1; 0.0.0.0: on all of them" },
}

-- "8080:80", "ssh=22", "0.0.0.0:8080:80", each perhaps with "/udp" | nil
local function read_word(word, out)
  local rest, protocol = word:match "^(.*)/(%a+)$"
  rest = rest or word
  local address, places = rest:match "^([%d.]+):(%d+:%d+)$"
  local key, guest = (places or rest):match "^([%w._-]+)[=:](%d+)$"
  if not key or out[key] then return nil end
  out[key] = { guest = math.tointeger(guest), protocol = protocol, address = address }
  return true
end

-- Forwards on a command line, with commas between: what `read` takes | nil, why
local function parse(text)
  local out = {}
  for word in (text .. ","):gmatch "([^,]*)," do
    if not read_word(word, out) then
      return nil, "NAME=GUEST-PORT or [ADDRESS:]PORT:GUEST-PORT, each name or port once, perhaps "
        .. "/udp, commas between, expected, got " .. kind.show(text)
    end
  end
  return out
end

local expects = "forwards such as { ssh = 22, [\"8080\"] = 80 }"

local function read(value, context)
  if type(value) ~= "table" then
    return nil, ("%s expected, got %s"):format(expects, kind.show(value))
  end
  if value[1] ~= nil then return nil, "a name or a host port for each expected: { ssh = 22 }" end
  local out = {}
  for _, key in ipairs(plain.keys(value) or {}) do
    local one, why = read_one(key, value[key], context)
    if not one then return nil, ("%s: %s"):format(key, why) end
    out[#out + 1] = one
  end
  table.sort(out, function(a, b) return a.name < b.name end)
  return out
end

return { name = "forward", expects = expects, forms = forms, parse = parse, read = read }
