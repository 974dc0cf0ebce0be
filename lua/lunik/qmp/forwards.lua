-- SPDX-License-Identifier: MIT
-- Finds the host ports that QEMU really listens on, and adds and removes forwards. Where QEMU chose
-- a port itself, only its human monitor tells it.
local forwards = {}

local ROW = "^%s*(%u+)%[HOST_FORWARD%]%s+%d+%s+(%S+)%s+(%d+)%s+%S+%s+(%d+)"

-- The text of `info usernet` as { netdev, protocol, address, port, guest }.
function forwards.parse(text)
  local found, netdev = {}, nil
  for line in text:gmatch "[^\r\n]+" do
    netdev = line:match "%(([^()]*)%):?%s*$" or netdev
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

local function rule(asked)
  return ("%s:%s:%d"):format(asked.protocol, asked.address, asked.port)
end

local function human(vm, line)
  return vm:qmp("human-monitor-command", { ["command-line"] = line })
end

-- Checks what goes onto QEMU's human command line, which splits at spaces and parses colons.
local function check(asked)
  if asked.protocol ~= "tcp" and asked.protocol ~= "udp" then
    return nil, ("protocol: tcp or udp expected, got '%s'"):format(asked.protocol)
  end
  if not asked.address:find "^%d+%.%d+%.%d+%.%d+$" then
    return nil, ("address: an IPv4 address expected, got '%s'"):format(asked.address)
  end
  for _, field in ipairs { "port", "guest" } do
    local least = field == "guest" and 1 or 0
    if asked[field] < least or asked[field] > 65535 then
      return nil, ("%s: a port of %d to 65535 expected, got %d"):format(field, least,
        asked[field])
    end
  end
  return true
end

local function complete(vm, asked)
  local new = { protocol = asked.protocol or "tcp", address = asked.address or "127.0.0.1",
                port = asked.port or 0, guest = asked.guest, netdev = (vm.plan.networks or {})[1] }
  new.name = asked.name or ("%d"):format(new.guest)
  if not new.netdev then
    return nil, "the machine has no card of the kind 'user' to forward through"
  end
  if vm:find_forward(new.name) then
    return nil, ("the name '%s' is taken"):format(new.name)
  end
  local ok, why = check(new)
  return ok and new, why
end

-- The forward that QEMU lists now and did not before, with its port | nil, why
local function appeared(vm, before, new)
  local text, why = human(vm, "info usernet")
  if not text then return nil, why end
  local known = {}
  for _, row in ipairs(forwards.parse(before)) do known[rule(row)] = true end
  for _, row in ipairs(forwards.parse(text)) do
    if not known[rule(row)] and row.guest == new.guest and row.netdev == new.netdev then
      new.port = row.port
      return new
    end
  end
  return nil, "QEMU does not list it"
end

-- Adds a forward while the machine runs: { name, protocol, address, port, guest } | nil, why.
-- Only the human monitor can do that, and it says what went wrong in words.
function forwards.add(vm, asked)
  local new, why = complete(vm, asked)
  if not new then return nil, why end
  local before, said
  before, why = human(vm, "info usernet")
  if not before then return nil, why end
  said, why = human(vm, ("hostfwd_add %s %s-:%d"):format(new.netdev, rule(new), new.guest))
  if not said then return nil, why end
  if said:find "%S" then
    return nil, ("%s: %s"):format(rule(new), (said:gsub("%s+$", "")))
  end
  return appeared(vm, before, new)
end

-- Takes a forward away; what is connected stays so. true | nil, why
function forwards.remove(vm, forward)
  local said, why = human(vm, ("hostfwd_remove %s %s"):format(forward.netdev, rule(forward)))
  if not said then return nil, why end
  if said:find "removed" then return true end
  return nil, ("forward %s: %s"):format(forward.name, (said:gsub("%s+$", "")))
end

return forwards
