-- Mounts of an ordinary user: with a range of further ids all of the guest's users are there, and
-- without one root alone, who is that user. Where root runs the specs, somebody else does what is
-- asked here, in a mount namespace with an /etc/subuid of its own and what is in this folder where
-- it can be read.
local house = require "support.house"
local run = require "support.run"
local scratch = require "support.scratch"
local stat = require "posix.sys.stat"
local unistd = require "posix.unistd"

local SOMEBODY = 65534

-- Only root can be somebody with, or without, a range of ids.
local root_can = unistd.geteuid() == 0 and it or function() end

describe("mounts of an ordinary user", function()
  local home, as_root

  -- Where something of this folder is for somebody.
  local function seen(path)
    local root = unistd.getcwd()
    assert(path:sub(1, #root) == root, path)
    return as_root and home.dir .. "/tree" .. path:sub(#root + 1) or path
  end

  before_each(function()
    as_root = unistd.geteuid() == 0
    home = house.new()
    stat.mkdir(home.dir .. "/share", 493)
    scratch.write(home.dir .. "/share/f", "")
    scratch.write(home.dir .. "/ids", "nobody:100000:65536\n")
    scratch.write(home.dir .. "/none", "")
    for _, path in ipairs { "/tree", "/tree/lua", "/tree/build" } do
      stat.mkdir(home.dir .. path, 493)
    end
    scratch.write(home.dir .. "/m.lua", ([[
      local guest = %q
      return machine { name = "m", accel = "tcg", memory = "512M", kernel = guest .. "/vmlinux",
        initrd = guest .. "/initramfs.img", append = %q, agent {}, hotplug { ports = 2 } }]])
      :format(seen(house.guest), house.append))
    if as_root then
      for _, path in ipairs { "", "/run", "/state", "/cache", "/share", "/share/f", "/m.lua" } do
        unistd.chown(home.dir .. path, SOMEBODY, SOMEBODY)
      end
    end
  end)
  after_each(function() home:close() end)

  -- Runs a script in which "$lunik" is the program, as an ordinary user with these ids.
  local function somebody(ids, script)
    local argv = { "sh", "-c", script }
    if as_root then
      argv = { "unshare", "-m", "sh", "-ec", ([[
        touch /etc/subuid /etc/subgid
        mount --bind "$1" /etc/subuid; mount --bind "$1" /etc/subgid
        mount --bind "$3/lua" tree/lua; mount --bind "$3/build" tree/build
        exec setpriv --reuid=%d --regid=%d --clear-groups sh -c "$2"]]):format(SOMEBODY, SOMEBODY),
        "sh", home.dir .. "/" .. ids, script, unistd.getcwd() }
    end
    local env = { "lunik=" .. seen(house.program), table.unpack(home.env) }
    local reader, writer = unistd.pipe()
    local child, out = run.start { argv = argv, path = true, env = env, cwd = home.dir,
                                   fds = { [2] = writer } }
    unistd.close(writer)
    local text, errors = run.drain(out), run.drain(reader)
    child:wait(60)
    return text, errors
  end

  local IN_GUEST = [[
    $lunik up m.lua 2>/dev/null
    $lunik mount m share --to /share --owner %s --tag share
    $lunik exec m -- sh -c '
      stat -c "%%u:%%g" /share/f
      touch /share/of-root; touch /share/of-another; chown 7:7 /share/of-another
      stat -c "%%u:%%g" /share/of-root /share/of-another'
    $lunik down --force m 2>/dev/null
    stat -c "%%u:%%g" share/of-root share/of-another]]

  root_can("have all of the guest's users, where there is a range of ids", function()
    local text, errors = somebody("ids", IN_GUEST:format "1000:1000")
    assert.equal(("share: %s/share is at /share in the guest, owned by 1000:1000\n")
      :format(home.dir) .. "1000:1000\n0:0\n7:7\n100000:100000\n100007:100007\n", text, errors)
    assert.equal("", errors)
  end)

  it("have root alone, who is that user, where there is none", function()
    local text = somebody("none", IN_GUEST:format "0:0")
    local uid = as_root and SOMEBODY or unistd.geteuid()
    local gid = as_root and SOMEBODY or unistd.getegid()
    assert.equal(("share: %s/share is at /share in the guest, owned by 0:0\n"):format(home.dir)
      .. ("0:0\n0:0\n0:0\n%d:%d\n%d:%d\n"):format(uid, gid, uid, gid), text)
  end)

  it("may have files that run as that user, who owns the directory", function()
    local text = somebody("none", [[
      $lunik up m.lua 2>/dev/null
      $lunik mount m share --to /share --tag share >/dev/null
      $lunik exec m -- sh -c 'chmod 4755 /share/f; mknod /share/char c 1 3 2>/dev/null || echo no'
      $lunik down --force m 2>/dev/null
      stat -c "%a" share/f]])
    assert.equal("no\n4755\n", text)
  end)

  root_can("are refused an owner that cannot be had, with the reason", function()
    local _, errors = somebody("none", [[
      $lunik up m.lua 2>/dev/null
      $lunik mount m share --to /share --owner 1000:1000
      $lunik down --force m 2>/dev/null]])
    assert.equal("lunik mount: mount.owner: '1000:1000' cannot be had by an ordinary user: "
                 .. '/etc/subuid has no range for nobody; root, "0:0", can\n', errors)
  end)

  it("are of what that user may write, or whose owner that user is", function()
    stat.mkdir(home.dir .. "/closed", 365)
    unistd.chown(home.dir .. "/closed", as_root and SOMEBODY or -1, as_root and SOMEBODY or -1)
    local text, errors = somebody("none", [[
      $lunik up m.lua 2>/dev/null
      $lunik mount m closed --to /closed --tag closed
      $lunik exec m -- touch /closed/made
      $lunik mount m /usr --tag usr
      $lunik down --force m 2>/dev/null
      ls closed]])
    assert.equal(("closed: %s/closed is at /closed in the guest\nmade\n"):format(home.dir), text)
    assert.equal("lunik mount: usr: at /mnt/usr in the guest: you may not write there: "
                 .. "readonly = true\n", errors)
  end)

  for _, ids in ipairs { "none", "ids" } do
    local case = ids == "ids" and root_can or it
    case("come for a large file that is copied, whoever's it is, with ids of: " .. ids, function()
      for _, name in ipairs { "own", "others" } do
        scratch.write(home.dir .. "/" .. name, name:rep(11 << 20), name == "own" and 384 or 420)
      end
      if as_root then unistd.chown(home.dir .. "/own", SOMEBODY, SOMEBODY) end
      local text, errors = somebody(ids, [[
        $lunik up m.lua 2>/dev/null
        $lunik cp -v own others m:/run
        $lunik exec m -- sh -c 'cd /run; md5sum own others; stat -c "%a %u" own others'
        $lunik down --force m 2>/dev/null
        md5sum own others]])
      local sums = text:match "^(%x+  own\n%x+  others\n)"
      assert.equal(("%s600 0\n644 0\n%s"):format(sums, sums), text)
      assert.equal("lunik cp: own: 33M by virtiofs\nlunik cp: others: 66M by virtiofs\n", errors)
    end)
  end
end)
