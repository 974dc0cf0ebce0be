-- SPDX-License-Identifier: MIT
-- Which host ports QEMU really listens on: only its human monitor knows, when it
-- chose them itself.
local forwards = {}

local ROW = "^%s*(%u+)%[HOST_FORWARD%]%s+%d+%s+(%S+)%s+(%d+)%s+%S+%s+(%d+)"

-- The text of `info usernet` as { netdev, protocol, address, port, guest }.
function forwards.parse(text)
  local found, netdev = {}, nil
  for line in text:gmatch "[^\r\n]+" do
    netdev = line:match "%((.-)%):?%s*$" or netdev
    local protocol, address, port, guest = line:match(ROW)
    if protocol then
      found[#found + 1] = { netdev = netdev, protocol = protocol:lower(), address = address,
                            port = math.tointeger(port), guest = math.tointeger(guest) }
    end
  end
  return found
end

local function is(asked, real)
  local address = asked.address == "" and "*" or asked.address
  return not real.taken and asked.netdev == real.netdev and asked.guest == real.guest
         and (asked.protocol or "tcp") == real.protocol
         and (address == real.address or asked.address == "0.0.0.0" and real.address == "*")
         and (asked.port == 0 or asked.port == real.port)
end

local function find(asked, real)
  for _, row in ipairs(real) do
    if is(asked, row) then
      row.taken = true
      return { name = asked.name, protocol = row.protocol, address = asked.address,
               port = row.port, guest = row.guest, netdev = row.netdev }
    end
  end
  return nil, ("forward %s: to port %d of the guest: not listed by QEMU")
              :format(asked.name, asked.guest)
end

-- The planned forwards, each with its real port: a list | nil, why. Those that name
-- their port come first, so that none of the others is given it.
function forwards.match(planned, text)
  local real, out = forwards.parse(text), {}
  for _, chosen in ipairs { false, true } do
    for i, asked in ipairs(planned) do
      if (asked.port == 0) == chosen then
        local why
        out[i], why = find(asked, real)
        if not out[i] then return nil, why end
      end
    end
  end
  return out
end

return forwards
