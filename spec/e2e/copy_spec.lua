-- Copies into a real guest and out of it, by each road: what arrives is what was sent, and
-- whatever comes in between, what was there before is whole. They share one boot, in this order.
-- The recipe decides about mounts, so that none comes for large files (spec/e2e/lent_spec.lua).
local client = require "lunik.supervisor.client"
local fcntl = require "posix.fcntl"
local house = require "support.house"
local loop = require "lunik.async.loop"
local odd_tree = require "support.odd_tree"
local run = require "support.run"
local scratch = require "support.scratch"
local stat = require "posix.sys.stat"
local unistd = require "posix.unistd"

local SEED = 4711

local ITEMS = [[agent {}, nic {}, ssh { key = guest .. "/id_ed25519" }, console {},
  hotplug { ports = 2, mount = function(_, asked) return asked end },
  mount { from = "share", to = "/work" },
  on("ready", function(vm)
    vm:tell("note", vm:copy_in { from = "tree", to = "/run/hook" }.road)
    vm:copy_out { from = "/run/hook", to = "by hook" }
    vm:tell("note", "copied")
  end),]]

local BLOCK = [[kill -9 $(pidof qemu-ga); while pidof qemu-ga >/dev/null; do :; done
  qemu-ga -d -m virtio-serial -p /dev/virtio-ports/org.qemu.guest_agent.0 -t /run \
    -f /run/other.pid -b guest-exec]]

describe("lunik cp", function()
  local home, share

  local function shell(script, ...)
    return (home:does("exec", "dev", "sh", "-c", script, "sh", ...))
  end

  -- Waits until nothing in the guest is aside any more.
  local AT_REST = "n=0; while ls -A $1 | grep -q lunik-cp && [ $n -lt 3000 ]; do n=$((n+1)); "
                  .. "done; ls -A $1"

  setup(function()
    home = house.new()
    share = home.dir .. "/share"
    stat.mkdir(share, 448)
    odd_tree.make(home.dir .. "/tree")
    home:does("up", home:small("dev", ITEMS))
    local console = home:start({}, "logs", "-f", "-n", "1000", "--source", "serial", "dev")
    console:expect "lunik guest ready"
    console:close()
    scratch.write(home.dir .. "/file", "a file\n", 416)
  end)
  teardown(function()
    run.output { argv = { "rm", "-rf", home.dir .. "/share", home.dir .. "/tree",
                       home.dir .. "/by hook" }, path = true }
    home:close()
  end)

  local function attach(l)
    return assert(client.open("dev", home.dir .. "/run/lunik/dev/control.sock", l)).handle
  end

  -- The road that a copy of the attached machine takes.
  local function road(to)
    local l <close> = loop.new()
    return l:run(function()
      local vm <close> = attach(l)
      return assert(vm:copy_in { from = home.dir .. "/file", to = to }).road
    end)
  end

  local function cases(place, by, roughly)
    it("brings a tree into the guest and back, by " .. by, function()
      assert.same({ "", "" }, { home:does("cp", "tree", ("dev:%s/tree"):format(place)) })
      local size, blocks = shell("stat -c '%s %b' $1/tree/sparse", place):match "(%d+) (%d+)"
      assert(size == "8388608" and tonumber(blocks) < 1000, blocks)
      assert.same({ "", "" }, { home:does("cp", "-r", ("dev:%s/tree"):format(place), "back") })
      assert.same(odd_tree.told(home.dir .. "/tree", roughly),
                  odd_tree.told(home.dir .. "/back", roughly))
      run.output { argv = { "rm", "-rf", home.dir .. "/back" }, path = true }
    end)

    it("has files on standard input and output, by " .. by, function()
      local fd = fcntl.open(home.dir .. "/file", fcntl.O_RDONLY)
      local text, _, status = run.output { argv = { house.program, "cp", "-",
        ("dev:%s/in"):format(place) }, env = home.env, cwd = home.dir, fds = { [0] = fd } }
      unistd.close(fd)
      assert.same({ "", 0 }, { text, status })
      assert.same({ "a file\n", "" }, { home:does("cp", ("dev:%s/in"):format(place), "-") })
      assert.equal("in\ntree\n", shell("ls -A $1", place))
    end)

    it("names what is not there, by " .. by, function()
      assert.same({ 1, "", ("lunik cp: dev:%s/none: No such file or directory\n"):format(place) },
                  { home:lunik("cp", ("dev:%s/none"):format(place), "x") })
      assert.same({ 1, "", ("lunik cp: dev:%s/no/: No such file or directory\n"):format(place) },
                  { home:lunik("cp", "file", ("dev:%s/no/x"):format(place)) })
    end)
  end


  local OLD, NEW = ("old"):rep(1000), ("new"):rep(2000000)

  -- Copies in and out, files and trees, that end at any moment.
  local function interrupted(place, by, rounds, roughly)
    it("is whole or not there, whenever it is interrupted, by " .. by, function()
      local files = { new = NEW, old = OLD, f = OLD }
      for name, text in pairs(files) do scratch.write(home.dir .. "/" .. name, text) end
      stat.mkdir(home.dir .. "/news", 448)
      for i = 1, 3 do scratch.write(home.dir .. "/news/" .. i, NEW) end
      shell("mkdir $1/i", place)
      local sums = run.output { argv = { "md5sum", home.dir .. "/new", home.dir .. "/old" },
                                path = true }
      local is_one = { [sums:match "^(%x+)"] = "new", [sums:match "\n(%x+)"] = "old" }
      local whole = odd_tree.told(home.dir .. "/tree", roughly)
      math.randomseed(SEED)
      local l <close> = loop.new()
      local seen, trees = {}, {}
      for round = 1, rounds do
        home:does("cp", "old", ("dev:%s/i/f"):format(place))
        scratch.write(home.dir .. "/f", OLD)
        local out = home.dir .. "/out"
        l:run(function()
          local vm <close> = attach(l)
          local function stop(most)
            local limit = round == rounds and math.huge or math.random(1, most)
            return function(bytes) if bytes > limit then error({ why = "enough" }, 0) end end
          end
          vm:copy_in { from = home.dir .. "/new", to = place .. "/i/f", progress = stop(7000000) }
          if round < rounds then
            vm:copy_in { from = home.dir .. "/news", to = place .. "/i/news",
                         progress = stop(6000000) }
          end
          vm:copy_out { from = place .. "/i/f", to = home.dir .. "/f", progress = stop(7000000) }
          vm:copy_out { from = place .. "/tree", to = out, progress = stop(100000) }
        end)
        local here = scratch.read(home.dir .. "/f")
        assert(here == OLD or here == NEW, #here)
        trees[stat.stat(out) ~= nil] = true
        if stat.stat(out) then assert.same(whole, odd_tree.told(out, roughly)) end
        run.output { argv = { "rm", "-rf", out }, path = true }
        assert.equal("", table.concat(scratch.list(home.dir), " "):match "%.lunik%-cp.*" or "")
        local there = shell(AT_REST .. "; md5sum <$1/f", place .. "/i")
        assert.matches("^f\n%x+  %-\n$", there)
        seen[is_one[there:match "(%x+)  %-"]] = true
      end
      assert.same({ old = true, new = true }, seen)
      assert.same({ [true] = true, [false] = true }, trees)
      shell("rm -r $1/i", place)
    end)
  end

  cases("/work", "a mount")
  interrupted("/work", "a mount", 8)

  it("takes the mount that has the path, else a stream", function()
    assert.equal("", shell "mkdir /run/a /run/stream /run/ssh")
    assert.equal("mount", road "/work/by")
    assert.equal("stream", road "/run/a/by")
    assert.equal("a file\n", scratch.read(share .. "/by"))
  end)

  -- busybox has whole seconds only
  cases("/run/stream", "a stream", true)
  interrupted("/run/stream", "a stream", 5, true)

  it("is what a hook does, too, by paths from the recipe's folder", function()
    local log = home:start({}, "logs", "-f", "-n", "1000", "dev")
    log:expect "stream"
    log:expect "copied"
    log:close()
    assert.same(odd_tree.told(home.dir .. "/tree", true),
                odd_tree.told(home.dir .. "/by hook", true))
  end)

  it("follows no link that the guest has on a mount, where the host has another", function()
    scratch.write(home.dir .. "/secret", "of the host")
    shell("echo of the guest >/run/secret; ln -s /run /work/link; ln -s $1 /work/host",
          home.dir)
    assert.equal("of the guest\n", (home:does("cp", "dev:/work/link/secret", "-")))
    assert.equal(1, (home:lunik("cp", "dev:/work/host/secret", "-")))
  end)

  it("takes several at once, into a directory that is there", function()
    shell "mkdir /run/several"
    home:does("cp", "file", "tree", "dev:/run/several")
    assert.equal("file\ntree\n", shell "ls -A /run/several")
    stat.mkdir(home.dir .. "/several", 448)
    home:does("cp", "dev:/run/several/file", "dev:/etc/passwd", "several")
    assert.same({ "file", "passwd" }, scratch.list(home.dir .. "/several"))
    assert.same({ 1, "", "lunik cp: dev:/run/none/: No such file or directory\n" },
                { home:lunik("cp", "file", "tree", "dev:/run/none") })
  end)

  local usage = {
    [{ "a", "b" }] = "one side is a guest: MACHINE:/path, such as dev:/tmp",
    [{ "dev:/a", "dev:/b" }] = "one side is the host: from one guest to another it is two copies",
    [{ "dev:/a", "other:/b", "." }] = "what is copied at once comes from one machine",
    [{ "-", "file", "dev:/tmp" }] = "- is one file's bytes: it is copied alone",
    [{ "dev:/a", "dev:/b", "-" }] = "- is one file's bytes: it is copied alone",
  }
  for argv, why in pairs(usage) do
    it("says how it is called where it is asked for " .. table.concat(argv, " "), function()
      assert.same({ 2, "", "lunik cp: " .. why .. "\n" },
                  { home:lunik("cp", table.unpack(argv)) })
    end)
  end

  it("names what it leaves out", function()
    shell "mkdir /run/odd; mkfifo /run/odd/pipe; mknod /run/odd/null c 1 3; echo x >/run/odd/x"
    assert.same({ 1, "", "lunik cp: not copied: odd/null: is a character device\n"
                  .. "lunik cp: not copied: odd/pipe: is a fifo\n" },
                { home:lunik("cp", "dev:/run/odd", ".") })
    assert.same({ "x" }, scratch.list(home.dir .. "/odd"))
  end)

  it("has files of /proc, which say that they are empty", function()
    local text = home:does("cp", "dev:/proc/version", "-")
    assert.equal(text, shell "cat /proc/version")
  end)

  it("leaves what was there where the guest's disk is full, and says so", function()
    shell "mkdir /run/full; mount -t tmpfs -o size=100k none /run/full; echo old >/run/full/big"
    scratch.write(home.dir .. "/big", ("0123456789abcdef"):rep(4 << 16))
    assert.same({ 1, "", "lunik cp: dev:/run/full/big: No space left on device\n" },
                { home:lunik("cp", "big", "dev:/run/full/big") })
    local code, _, err = home:lunik("cp", "tree", "dev:/run/full")
    assert.equal(1, code)
    assert.matches("^lunik cp: dev:/run/full/tree: tar: .*No space left on device\n$", err)
    assert.same({ "big\n", "old\n" }, { shell(AT_REST, "/run/full"), shell "cat /run/full/big" })
  end)

  it("takes a stream for a large file where the recipe decides about mounts", function()
    scratch.write(home.dir .. "/long", ("0123456789abcdef"):rep(17 << 16))
    assert.same({ "", "lunik cp: long: 17M by stream\n" },
                { home:does("cp", "-v", "long", "dev:/run/long") })
    shell "rm /run/long"
  end)

  it("shows how far it is on a terminal, and nothing is left of it at Ctrl-C", function()
    scratch.write(home.dir .. "/long", ("0123456789abcdef"):rep(6 << 20))
    local one = home:start({ terminal = true }, "cp", home.dir .. "/long",
                             "dev:/run/long")
    one:expect "long: [%d.]+[KM]? of 96M, [%d.]+[KMG]?/s, %d+s left"
    one:send "\3"
    one:expect "lunik cp: interrupted; what is not whole is taken away"
    assert.same({ "exited", 130 }, { one:wait() })
    assert.equal("none\n", shell(AT_REST .. " | grep -e long -e lunik-cp || echo none", "/run"))
  end)

  it("leaves the guest as it was where it is killed", function()
    local one = home:start({ terminal = true }, "cp", home.dir .. "/long",
                             "dev:/run/long")
    one:expect "s left"
    one.proc:signal_group(9)
    one:close()
    assert.equal("none\n", shell(AT_REST .. " | grep -e long -e lunik-cp || echo none", "/run"))
  end)

  it("takes away what one that was killed has left here", function()
    shell "truncate -s 300M /run/zeros"
    local one = home:start({ terminal = true }, "cp", "dev:/run/zeros", home.dir .. "/zeros")
    one:expect "s left"
    one.proc:signal_group(9)
    one:close()
    local function aside()
      return table.concat(scratch.list(home.dir), " "):match "%.lunik%-cp%-%S+" or ""
    end
    assert.not_equal("", aside())
    home:does("cp", "dev:/etc/passwd", ".")
    assert.equal("", aside())
    assert.is_nil(stat.stat(home.dir .. "/zeros"))
  end)

  it("takes away what one that was killed there has left there", function()
    shell "mkdir /run/killed"
    local one = home:start({ terminal = true }, "cp", home.dir .. "/long", "dev:/run/killed/long")
    one:expect "s left"
    shell [[cd /run/killed; n=0
      until [ -d .lunik-cp-* ] || [ $n = 3000 ]; do n=$((n+1)); done
      d=$(echo .lunik-cp-*); p=${d#.lunik-cp-*-}; kill -9 ${p%%-*}]]
    assert.equal("exited", (one:wait()))
    assert.matches("^%.lunik%-cp%-%S+\n$", shell "ls -A /run/killed")
    home:does("cp", "file", "dev:/run/killed")
    assert.equal("file\n", shell "ls -A /run/killed")
  end)

  describe("of a guest whose agent may run nothing", function()
    setup(function()
      local port = home:start({}, "events", "-f", "-e", "VSERPORT_CHANGE", "dev")
      port:expect "true"
      home:does("ssh", "dev", BLOCK)
      port:expect "true"
      port:close()
    end)

    it("goes by ssh", function() assert.equal("ssh", road "/run/a/by") end)

    cases("/run/ssh", "ssh", true)
    interrupted("/run/ssh", "ssh", 3, true)
  end)
end)
