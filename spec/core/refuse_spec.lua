-- What spawn's `refuse` promises: a call fails by the bits of an argument, for the program and all
-- that it starts; the rest works as ever. In a user namespace, or as root: filters take privileges.
local core = require "lunik.core"
local run = require "support.run"

local prelude = [[
  local core, refusals = require "lunik.core", require "lunik.process.refusals"
  function inside(refuse, script)
    local child = assert(core.proc.spawn { argv = { "sh", "-c", script }, path = true,
      env = { "PATH=/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL=C" }, fds = { [1] = 1, [2] = 1 },
      refuse = refuse })
    child:wait(60)
  end
  function tried(...)
    local script = {}
    for i, each in ipairs { ... } do
      script[i] = ("%s >/dev/null 2>&1 && echo 'did %s' || echo 'refused %s'")
        :format(each, each, each)
    end
    inside(refusals.suid, "cd /mnt\n" .. table.concat(script, "\n"))
  end ]]

local function script(text)
  return (run.lua(prelude .. text, { mounts = "mount -t tmpfs none /mnt; umask 0" }))
end

describe("refused calls", function()
  it("are those that make a file run as its owner or group, and no other", function()
    assert.equal([[
did touch f
refused chmod 4755 f
refused chmod 2755 f
refused chmod 6000 f
did chmod 1755 f
refused sh -c "chmod u+s f"
did mkdir d
refused chmod u+s d
refused chmod 2755 d
did mkdir d/below
did mkfifo p
did sh -c "echo x >new"
]], script [[tried("touch f", "chmod 4755 f", "chmod 2755 f", "chmod 6000 f", "chmod 1755 f",
      'sh -c "chmod u+s f"', "mkdir d", "chmod u+s d",
      "chmod 2755 d", "mkdir d/below",
      "mkfifo p", 'sh -c "echo x >new"')]])
  end)

  it("are those that make such a file at once, too", function()
    assert.equal("nil\t1\nnil\t1\n3\tnil\ntrue\n", script(([[
      inside(refusals.suid, %q .. " -e '" .. ("package.cpath, package.path = %%q, %%q")
        :format(package.cpath, package.path) .. [=[
        local fcntl = require "posix.fcntl"
        for _, mode in ipairs { 2541, 1517, 493 } do
          local fd, _, code = fcntl.open("/mnt/f" .. mode, fcntl.O_CREAT | fcntl.O_RDWR, mode)
          print(fd, code)
        end
        print((io.open "/mnt/f493":close()))]=] .. "'")]]):format(run.interpreter)))
  end)

  it("are those of what is said to be a directory, too", function()
    assert.equal("nil\t1\nnil\t1\n", script(([[
      inside(refusals.suid, "mkdir /mnt/d; " .. %q .. " -e '"
        .. ("package.cpath, package.path = %%q, %%q"):format(package.cpath, package.path) .. [=[
        local chmod = require "posix.sys.stat".chmod
        for _, kind in ipairs { 32768, 16384 } do
          local ok, _, code = chmod("/mnt/d", kind | 1533)
          print(ok, code)
        end]=] .. "'")]]):format(run.interpreter)))
  end)

  it("fail as they are told to, or seem to succeed", function()
    assert.equal("chmod: changing permissions of 'f': No space left on device\n-rw-rw-rw-\n",
      script [[
      inside({ { call = "fchmodat", error = 28, argument = 2, bits = 64 },
               { call = "fchmodat2", error = 28, argument = 2, bits = 64 },
               { call = "fchmodat", argument = 2, bits = 128 },
               { call = "fchmodat2", argument = 2, bits = 128 } },
             "cd /mnt; touch f; chmod 100 f; chmod 200 f; stat -c %A f")]])
  end)

  it("are named by a list that makes sense", function()
    local seventeen = {}
    for i = 1, 17 do seventeen[i] = { call = "fchmod" } end
    for why, list in pairs {
      ["no call 'reboot'"] = { { call = "reboot" } },
      ["no call '?'"] = { {} },
      ["list of tables expected"] = { "chmod" },
      ["argument: integer from 0 to 5 expected"] = { { call = "fchmod", argument = 6 } },
      ["bits: integer from 0 to 4294967295 expected"] = { { call = "fchmod", bits = -1 } },
      ["more than 16 calls"] = seventeen,
    } do
      local ok, said = pcall(core.proc.spawn, { argv = { "/bin/true" }, refuse = list })
      assert.is_false(ok)
      assert.is_truthy(said:find(why, 1, true), said)
    end
  end)
end)
