-- Whether a guest answers by ssh, and the arguments that reach it.
local loop = require "lunik.async.loop"
local socket = require "posix.sys.socket"
local ssh = require "lunik.vm.guest.ssh"
local unistd = require "posix.unistd"

describe("ssh", function()
  -- A server on a port of its own; `serve(l, fd, n)` handles the n-th connection.
  local function with_server(serve, fn)
    local listening = socket.socket(socket.AF_INET, socket.SOCK_STREAM, 0)
    assert(socket.bind(listening, { family = socket.AF_INET, addr = "127.0.0.1", port = 0 }))
    socket.listen(listening, 8)
    local port = socket.getsockname(listening).port
    local l <close> = loop.new()
    l:run(function()
      local server = l:spawn("server", function()
        for n = 1, math.huge do
          l:wait(listening, "r")
          local fd = socket.accept(listening)
          l:spawn("connection", function()
            serve(l, fd, n)
            unistd.close(fd)
          end)
        end
      end)
      fn(l, { address = "127.0.0.1", port = port })
      server:cancel()
    end)
    unistd.close(listening)
  end

  -- What one connection to such a server comes to.
  local function met(serve, seconds)
    local found
    with_server(serve, function(l, forward)
      found = table.pack(ssh.answers(l, forward, seconds or 5))
    end)
    return table.unpack(found, 1, found.n)
  end

  local function says(text) return function(_, fd) socket.send(fd, text) end end

  it("takes a banner for an answer", function()
    assert.equal("SSH-2.0-dropbear_2022.83", met(says "SSH-2.0-dropbear_2022.83\r\n"))
  end)

  it("takes neither an end nor other servers for one", function()
    assert.same({ nil, "closed without a banner" }, { met(function() end) })
    assert.same({ nil, "not an ssh server" }, { met(says "220 mail\r\n") })
  end)

  it("knows a silent server, and one that wants to be left alone", function()
    local banner, _, kind = met(function(l) l:sleep(0.1) end, 0.01)
    assert.same({ nil, "late" }, { banner, kind })
    for _, text in ipairs { "Exceeded MaxStartups", "Not allowed at this time" } do
      assert.same({ nil, "the server says: " .. text, "busy" }, { met(says(text .. "\r\n")) })
    end
  end)

  it("says when nobody listens at all", function()
    local port
    with_server(function() end, function(_, forward) port = forward.port end)
    local l <close> = loop.new()
    l:run(function()
      local banner, why = ssh.banner(l, "127.0.0.1", port, 5)
      assert.is_nil(banner)
      assert.is_string(why)
    end)
  end)

  local function plan(access)
    return { name = "dev", runtime = "/run/x", guest = { ssh = access or { user = "root" } } }
  end

  local function words(argv) return " " .. table.concat(argv, " ") .. " " end

  it("reaches the forwarded port as the user, and knows the machine by its name", function()
    local argv = ssh.argv(plan(), { address = "127.0.0.1", port = 4022 })
    assert.equal("ssh", argv[1])
    assert.equal("root@127.0.0.1", argv[#argv])
    assert.matches(" %-p 4022 ", words(argv))
    assert.matches(" HostKeyAlias=lunik%-dev ", words(argv))
    assert.matches(' UserKnownHostsFile="/run/x/known_hosts" ', words(argv))
    assert.matches(" StrictHostKeyChecking=accept%-new ", words(argv))
  end)

  it("uses the key it is given and asks for no password then", function()
    local argv = words(ssh.argv(plan { user = "me", key = "/k y/50%" },
                                { address = "", port = 1 }))
    assert.matches(' IdentityFile="/k y/50%%%%" ', argv)
    assert.matches(" IdentitiesOnly=yes ", argv)
    assert.matches(" BatchMode=yes ", argv)
    assert.matches(" me@127.0.0.1 $", argv)
  end)

  it("hands a command to the guest's shell as the words it is", function()
    local argv = ssh.argv(plan(), { address = "127.0.0.1", port = 1 }, { "echo", "a b", "$HOME" })
    assert.equal("echo 'a b' '$HOME'", argv[#argv])
  end)
end)
