-- A login by ssh, and what is made of what ssh says.
local loop = require "lunik.async.loop"
local scratch = require "support.scratch"
local ssh = require "lunik.vm.guest.ssh"
local stdlib = require "posix.stdlib"

describe("a login by ssh", function()
  -- What a login comes to where the program `ssh` says so and fails; without a text it does not.
  local function tries(said, access)
    local dir = scratch.new()
    local path = os.getenv "PATH"
    scratch.write(dir .. "/ssh", said and ("#!/bin/sh\ncat >&2 <<'END'\n%s\nEND\nexit 255\n")
      :format(said) or "#!/bin/sh\nfor word; do :; done\nexec sh -c \"$word\"\n", 448)
    stdlib.setenv("PATH", dir .. ":" .. path)
    local l <close> = loop.new()
    local with = { name = "dev", runtime = "/run/x", guest = { ssh = access or { user = "root" } } }
    with.env = { "PATH=" .. path }
    local verdict, why = l:run(function()
      return ssh.try(l, with, { address = "127.0.0.1", port = 7 }, 10)
    end)
    stdlib.setenv("PATH", path)
    scratch.remove(dir)
    return verdict, why
  end

  it("is let in where a program of ours runs there", function()
    assert.equal("in", (tries()))
  end)

  it("says what to do about a key that is refused", function()
    local verdict, why = tries("me@127.0.0.1: Permission denied (publickey).",
                               { user = "me", key = "/k" })
    assert.equal("refused", verdict)
    assert.equal("ssh: me@127.0.0.1: Permission denied (publickey): the guest takes no login of me "
      .. "by the key /k: its public half belongs into ~/.ssh/authorized_keys there, or "
      .. "ssh { user =, key = } names another", why)
  end)

  it("takes a guest that wants a password as one that a user may enter", function()
    local verdict, why = tries "root@127.0.0.1: Permission denied (publickey,password)."
    assert.equal("password", verdict)
    assert.matches("wants a password of root, so lunik can run nothing there", why)
  end)

  it("says how to forget another host key", function()
    local verdict, why = tries "Host key verification failed."
    assert.equal("final", verdict)
    assert.matches("another host key than before; if it may have: "
      .. "ssh%-keygen %-f /run/x/known_hosts %-R lunik%-dev$", why)
  end)

  it("leaves a server alone that is busy, or whose guest boots still", function()
    for _, said in ipairs { "kex_exchange_identification: Connection closed by remote host",
                            '"System is booting up. Unprivileged users are not permitted to log in '
                            .. 'yet."\nme@127.0.0.1: Permission denied (publickey).' } do
      assert.equal("busy", (tries(said, { user = "me", key = "/k" })))
    end
  end)
end)
