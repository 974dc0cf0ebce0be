-- Real host ports, read from what `info usernet` of QEMU 7.2 and 10 prints.
local forwards = require "lunik.qmp.forwards"

local TEXT = [[
Hub -1 (nic0):
  Protocol[State]    FD  Source Address  Port   Dest. Address  Port RecvQ SendQ
  TCP[ESTABLISHED]   14       127.0.0.1 40000       10.0.2.15    22     0     0
  TCP[HOST_FORWARD]   8       127.0.0.1 35829       10.0.2.15    22     0     0
  TCP[HOST_FORWARD]   9       127.0.0.1  8080       10.0.2.15    22     0     0
  UDP[HOST_FORWARD]   3               * 57918       10.0.2.15    53     0     0
Hub -1 (nic1):
  Protocol[State]    FD  Source Address  Port   Dest. Address  Port RecvQ SendQ
  TCP[HOST_FORWARD]  10       127.0.0.1 42661       10.0.2.15    22     0     0
]]

local function planned(name, fields)
  local row = { name = name, protocol = "tcp", address = "127.0.0.1", port = 0, guest = 22,
                netdev = "nic0" }
  for key, value in pairs(fields or {}) do row[key] = value end
  return row
end

local function ports(list)
  local out = {}
  for i, row in ipairs(list) do out[i] = row.port end
  return out
end

describe("forwards", function()
  it("reads every forward with its network", function()
    local rows = forwards.parse((TEXT:gsub("\n", "\r\n")))
    assert.equal(4, #rows)
    assert.same({ netdev = "nic0", protocol = "udp", address = "*", port = 57918, guest = 53 },
                rows[3])
    assert.equal("nic1", rows[4].netdev)
  end)

  it("finds the port that QEMU chose, on the right network", function()
    assert.same({ 35829 }, ports(forwards.match({ planned "ssh" }, TEXT)))
    assert.same({ 42661 }, ports(forwards.match({ planned("ssh", { netdev = "nic1" }) }, TEXT)))
  end)

  it("gives a named port to the forward that names it, whatever the order", function()
    local two = { planned "chosen", planned("named", { port = 8080 }) }
    assert.same({ 35829, 8080 }, ports(forwards.match(two, TEXT)))
    two = { planned("named", { port = 35829 }), planned "chosen" }
    assert.same({ 35829, 8080 }, ports(forwards.match(two, TEXT)))
  end)

  it("knows every address by its star", function()
    for _, address in ipairs { "", "0.0.0.0" } do
      local dns = planned("dns", { protocol = "udp", address = address, guest = 53 })
      assert.same({ 57918 }, ports(forwards.match({ dns }, TEXT)))
    end
  end)

  it("says which forward QEMU does not have", function()
    assert.same({ nil, "forward web: to port 80 of the guest: not listed by QEMU" },
                { forwards.match({ planned("web", { guest = 80 }) }, TEXT) })
    assert.is_nil((forwards.match({ planned "a", planned "b", planned "c" }, TEXT)))
  end)
end)
