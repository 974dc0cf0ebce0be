-- What a share promises: the directory with all that is mounted below it, at a fixed place, and
-- nothing else; read-only for good where asked.
local run = require "support.run"
local errno = require "posix.errno"
local stdlib = require "posix.stdlib"

-- A tree on a tmpfs with another one below; `nobody` may write to it.
local tree = [[
  mount -t tmpfs none /mnt
  mkdir -p /mnt/from/sub /mnt/at
  mount -t tmpfs none /mnt/from/sub
  echo top > /mnt/from/file
  echo below > /mnt/from/sub/file
  chmod -R a+rwX /mnt
]]

local prelude = [[
  local folder = %q
  package.cpath = package.cpath .. ";" .. folder .. "/?.so"
  package.path = package.path .. ";" .. folder .. "/?.lua;" .. folder .. "/?/init.lua"
  local proc = require "lunik.core".proc
  function shared(share, command, options)
    options = options or {}
    share.at = share.at or "/mnt/at"
    options.share = share
    options.argv = { "sh", "-c", command }
    options.path = true
    options.env = { "PATH=/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL=C" }
    options.fds = options.fds or { [1] = 1, [2] = 1 }
    local child, why, code = proc.spawn(options)
    if not child then return print(why, code) end
    return child
  end
  function inside(...)
    local child <close> = shared(...)
    if child then child:wait(60) end
  end
]]

describe("a share", function()
  -- the modules, where a user who may not read the build directory can, and where /mnt hides none
  local folder

  setup(function()
    folder = stdlib.mkdtemp "/tmp/lunik-spec-XXXXXX"
    local core = assert(package.searchpath("lunik.core", package.cpath))
    assert(os.execute(([[
      mkdir '%s/lunik' && cp '%s' '%s/lunik'
      [ ! -e build/deps/share ] || cp -RL build/deps/share/posix build/deps/lib/posix '%s'
      chmod -R a+rX '%s']]):format(folder, core, folder, folder, folder)))
  end)

  teardown(function() os.execute("rm -rf " .. folder) end)

  local function script(text) return prelude:format(folder) .. text end

  -- With the privileges to mount.
  local function root(text, more)
    return (run.lua(script(text), { mounts = tree .. (more or "") }))
  end

  -- Without: what remains for them is a user namespace.
  local function user(text)
    local drop = [[
      drop="setpriv --reuid=65534 --regid=65534 --groups=65534,100"
      if $drop true 2>/dev/null; then set -- $drop "$@"; fi]]
    return (run.lua(script(text), { mounts = tree .. drop }))
  end

  -- In a chroot whose root is a directory and no mount, as debootstrap makes them.
  local chrooted = [[
      mkdir /mnt/r; cp "$(command -v "$1")" /mnt/r/lua; shift
      cd /mnt/r; mkdir mnt mnt/from mnt/at tmp root
      for d in dev etc proc usr var; do mkdir $d; mount --rbind /$d $d; done
      for d in bin lib lib64 sbin; do ln -s usr/$d $d; done
      mount --rbind /mnt/from mnt/from; mkdir -p .]] .. "%s; mount --bind %s .%s" .. [[;
      cd /; set -- chroot /mnt/r /lua "$@"]]

  it("works in a chroot that is no mount point", function()
    assert.equal("top\nbelow\n", (root([[
      inside({ from = "/mnt/from", readonly = true }, "cat /mnt/at/file /mnt/at/sub/file; "
        .. "mount --make-rslave / && ! touch /mnt/at/file 2>/dev/null")
    ]], chrooted:format(folder, folder, folder))))
  end)

  for name, as in pairs { ["the superuser"] = root, ["an ordinary user"] = user } do
    local options = as == user and "user = true, " or ""

    it("shows a directory and what is mounted below it, to " .. name, function()
      assert.equal("top\nbelow\n", as(([[
        inside({ %s from = "/mnt/from" }, "cd /mnt/at; cat file sub/file; echo new > sub/new")
        assert(io.open "/mnt/from/sub/new":read "a" == "new\n")
      ]]):format(options)))
    end)

    it("is read-only below mounts too, for " .. name, function()
      assert.equal("touch: cannot touch '/mnt/at/x': Read-only file system\n" ..
        "touch: cannot touch '/mnt/at/sub/x': Read-only file system\n" ..
        "rm: cannot remove '/mnt/at/sub/file': Read-only file system\n", as(([[
        inside({ %s from = "/mnt/from", readonly = true },
          "touch /mnt/at/x; touch /mnt/at/sub/x; rm -f /mnt/at/sub/file")
      ]]):format(options)))
    end)

    it("kills devices and set-user-ID bits, for " .. name, function()
      assert.equal("/mnt/at rw,nosuid,nodev\n/mnt/at/sub rw,nosuid,nodev\n", (as(([[
        inside({ %s from = "/mnt/from" },
          "grep ' /mnt/at' /proc/self/mountinfo | cut -d ' ' -f 5,6")
      ]]):format(options)):gsub(",relatime", ""):gsub(",inode64", "")))
    end)

    it("takes any name from " .. name, function()
      assert.equal(("found\n"):rep(8), as(([[
        for _, name in ipairs { "a,b", "new\nline", "\xff\xfe", " sp ace ", "-dash", "c:d",
                                "back\\slash", "=,readonly=off" } do
          local path = "/mnt/from/" .. name
          assert(proc.spawn { argv = { "mkdir", "-m", "777", path },
            path = true }):wait(10)
          io.open(path .. "/f", "w"):write "found\n":close()
          inside({ %s from = path }, "cat /mnt/at/f")
        end
      ]]):format(options)))
    end)

    it("starts in the root folder, or where it is told, for " .. name, function()
      assert.equal("/\n/mnt/at/sub\n", as(([[
        inside({ %s from = "/mnt/from" }, "pwd")
        inside({ %s from = "/mnt/from" }, "pwd", { cwd = "/mnt/at/sub" })
      ]]):format(options, options)))
    end)

    it("leaves the caller's own namespace alone, for " .. name, function()
      assert.equal("true\n", as(([[
        local function mounts() return io.open "/proc/self/mountinfo":read "a" end
        local before = mounts()
        local child = shared({ %s from = "/mnt/from" }, "exec sleep 60")
        print(before == mounts())
        child:signal(9)
        child:wait(60)
      ]]):format(options)))
    end)
  end

  it("lets a daemon of an ordinary user believe that it dropped its groups", function()
    -- setpriv calls setgroups and stops if that fails, as QEMU's virtiofsd does
    assert.equal("dropped\n", user [[
      inside({ user = true, from = "/mnt/from" }, "setpriv --clear-groups echo dropped")
    ]])
  end)

  it("makes an ordinary user root inside, and its files the user's own outside", function()
    assert.equal("0 0\n0 0\ntrue\n", user [[
      inside({ user = true, from = "/mnt/from" },
        "echo $(id -u) $(id -g); touch /mnt/at/mine; stat -c '%u %g' /mnt/at/mine")
      local uid = io.popen "id -u":read "n"
      print(io.popen "stat -c %u /mnt/from/mine":read "n" == uid)
    ]])
  end)

  -- Maps of more than oneself take privileges.
  local root_can = require "posix.unistd".geteuid() == 0 and it or function() end

  -- A user namespace with these maps.
  local mapped = [[
    local ns = assert(require "lunik.core".userns.open())
    for _, name in ipairs { "uid_map", "gid_map" } do
      local file = io.open(("/proc/%%d/%%s"):format(ns:pid(), name), "w")
      file:setvbuf "full"
      file:write(%q)
      assert(file:close())
    end
  ]]

  root_can("shows owners as a map has them, to whoever may do that", function()
    assert.equal("1000:1000\n0:0\n", root(mapped:format "0 1000 1\n1000 0 1\n" .. [[
      inside({ from = "/mnt/from", idmap = ns:fd() },
        "stat -c %u:%g /mnt/at/file; touch /mnt/at/mine; chown 1000:1000 /mnt/at/mine")
      os.execute "stat -c %u:%g /mnt/from/mine"
    ]]))
  end)

  root_can("is in a namespace whose map was written before, as its root", function()
    assert.equal("0 0\n200000:200000\n100000:100000\n",
      root(mapped:format "0 100000 65536\n200000 0 1\n" .. [[
        inside({ from = "/mnt/from", user = true, userns = ns:fd() },
          "echo $(id -u) $(id -g); stat -c %u:%g /mnt/at/file; touch /mnt/at/mine")
        os.execute "stat -c %u:%g /mnt/from/mine"
      ]]))
  end)

  it("exports a directory by descriptor, whatever its name has become", function()
    assert.equal("top\nbelow\n", root [[
      local fcntl = require "posix.fcntl"
      local fd = fcntl.open("/mnt/from", fcntl.O_RDONLY)
      assert(os.rename("/mnt/from", "/mnt/was"))
      assert(os.execute "mkdir /mnt/from; echo other > /mnt/from/file")
      inside({ from_fd = fd }, "cd /mnt/at; cat file sub/file")
    ]])
  end)

  local ONE = [[
    local fcntl = require "posix.fcntl"
    local fd = fcntl.open("/mnt/from/file", fcntl.O_RDONLY)
    local function one(command, more)
      local share = { file = "/mnt/from/file", file_fd = fd }
      for key, value in pairs(more or {}) do share[key] = value end
      inside(share, command)
    end
  ]]

  it("exports a single file, and nothing that lies beside it", function()
    assert.equal("700 file\ntop\n", root(ONE .. [[
      one "cd /mnt/at; echo $(stat -c %a .) $(ls -A); cat file"
    ]]))
  end)

  it("exports a single file in a user namespace, too, for a user who may not mount", function()
    assert.equal("0 700 file\ntop\n", (run.lua(script(ONE .. [[
      one("cd /mnt/at; echo $(id -u) $(stat -c %a .) $(ls -A); cat file", { user = true })
    ]]), { mounts = tree, user = "nobody" })))
  end)

  it("has nobody write to a single file, nor put anything beside it", function()
    assert.equal("refused\ntop\n", root(ONE .. [[
      one [=[
        cd /mnt/at
        for try in "echo x >file" "echo x >>file" "rm file" "mv file other" "chmod 777 file" \
          "touch file" "echo x >new" "mkdir new" "ln file new" "mount -o remount,rw,bind file"; do
          [ "${try%% *}" != mount ] || continue
          (eval "$try") 2>/dev/null && echo "$try"
        done
        echo refused
      ]=]
      os.execute "cat /mnt/from/file"
    ]]))
  end)

  it("exports no other file that lies at the path by now", function()
    local expected = { "share /mnt/from/file: fstat: Stale file handle\t116",
                       "share /mnt/from/file: open_tree: No such file or directory\t2", "" }
    assert.equal(table.concat(expected, "\n"), root(ONE .. [[
      assert(os.rename("/mnt/from/file", "/mnt/was"))
      assert(os.execute "echo other >/mnt/from/file")
      one "cat /mnt/at/file"
      os.remove "/mnt/from/file"
      one "cat /mnt/at/file"
    ]]))
  end)

  it("goes on with a single file whose name has gone", function()
    assert.equal("top\n", root(ONE .. [[
      one "rm /mnt/from/file; cat /mnt/at/file"
    ]]))
  end)

  it("takes a path that is relative to the caller's folder", function()
    assert.equal("below\n", root [[
      require "posix.unistd".chdir "/mnt/from"
      inside({ from = "sub" }, "cat /mnt/at/file")
    ]])
  end)

  it("does not get what the host mounts later, nor keeps what it unmounts", function()
    assert.equal("empty\nno other\n", root([[
      local unistd = require "posix.unistd"
      local r, w = unistd.pipe()
      local ready, started = unistd.pipe()
      local child = shared({ from = "/mnt/from" }, [=[
        echo >&4
        read go <&3
        ls /mnt/at/late | grep . || echo empty
        grep ' /mnt/other ' /proc/self/mountinfo || echo no other
      ]=], { fds = { [1] = 1, [3] = r, [4] = started } })
      unistd.read(ready, 1)
      assert(os.execute "mount -t tmpfs none /mnt/from/late; touch /mnt/from/late/file")
      assert(os.execute "umount /mnt/other")
      unistd.write(w, "\n")
      child:wait(60)
    ]], [[
      mount --make-rshared /
      mkdir /mnt/from/late /mnt/other
      mount -t tmpfs none /mnt/other
    ]]))
  end)

  it("names the call that failed", function()
    local expected = {
      "share /no/such: openat2: No such file or directory\t2",
      "share /mnt/from/file: openat2: Not a directory\t20",
      "share /proc/self/cwd: openat2: Too many levels of symbolic links\t40",
      "share descriptor: fchdir: Bad file descriptor\t9",
      "share /mnt/from: move_mount: No such file or directory\t2",
      "share /mnt/from: move_mount: Invalid argument\t22",
    }
    assert.equal(table.concat(expected, "\n") .. "\n", root [[
      inside({ from = "/no/such" }, "true")
      inside({ from = "/mnt/from/file" }, "true")
      inside({ from = "/proc/self/cwd" }, "true")
      inside({ from_fd = 999 }, "true")
      inside({ from = "/mnt/from", at = "/mnt/no" }, "true")
      inside({ from = "/mnt/from", at = "/mnt/from/file" }, "true")
    ]])
    assert.equal(("share /mnt/from: unshare: Operation not permitted\t%d\n"):format(errno.EPERM),
      (run.lua(script [[
        inside({ from = "/mnt/from" }, "true")
      ]], { mounts = tree .. [[set -- setpriv --bounding-set -all --inh-caps -all "$@"]] })))
  end)
end)
