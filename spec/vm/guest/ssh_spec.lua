-- Whether a guest answers by ssh, and the arguments that reach it.
local errno = require "posix.errno"
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

  it("takes a banner for an answer", function()
    with_server(function(_, fd) socket.send(fd, "SSH-2.0-dropbear_2022.83\r\n") end,
                function(l, forward)
                  assert.equal("SSH-2.0-dropbear_2022.83", ssh.wait(l, forward, 5))
                end)
  end)

  it("takes neither silence, nor an end, nor other servers for one", function()
    local connections = 0
    with_server(function(l, fd, n)
      connections = n
      if n == 1 then l:sleep(0.5) end
      if n == 3 then socket.send(fd, "220 mail\r\n") end
      if n == 4 then socket.send(fd, "SSH-2.0-x\n") end
    end, function(l, forward) assert.equal("SSH-2.0-x", ssh.wait(l, forward, 10)) end)
    assert.equal(4, connections)
  end)

  it("gives up at the deadline, and says what it met last", function()
    with_server(function() end, function(l, forward)
      local banner, why, code = ssh.wait(l, forward, 0.05)
      assert.is_nil(banner)
      assert.equal(("ssh: port %d: no banner within 0.05 seconds: closed without a banner")
                   :format(forward.port), why)
      assert.equal(errno.ETIMEDOUT, code)
    end)
  end)

  it("says when nobody listens at all", function()
    local port
    with_server(function() end, function(_, forward) port = forward.port end)
    local l <close> = loop.new()
    l:run(function()
      local banner, why = ssh.banner(l, "127.0.0.1", port)
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
