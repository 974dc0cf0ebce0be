-- What core.proc.spawn promises: exactly what is listed is inherited, failures are answers, and
-- nothing stays behind. #native marks what valgrind itself cannot do: pidfd_open, limits on
-- descriptors, a clone or an exec that fails late.
local core = require "lunik.core"
local long = require "support.long"
local run = require "support.run"
local errno = require "posix.errno"
local fcntl = require "posix.fcntl"
local poll = require "posix.poll"
local resource = require "posix.sys.resource"
local signal = require "posix.signal"
local stat = require "posix.sys.stat"
local stdlib = require "posix.stdlib"
local unistd = require "posix.unistd"
local wait = require "posix.sys.wait"

local spawn = core.proc.spawn
local SIGIO = 29

local function output(argv, options)
  options = options or {}
  options.argv, options.path = argv, true
  return run.output(options)
end

local function assert_fails(code, message, options)
  local before = run.descriptors()
  local child, why, got = spawn(options)
  assert.is_nil(child)
  assert.equal(message, why)
  assert.equal(code, got)
  assert.equal(before, run.descriptors())
  assert.equal(errno.ECHILD, select(3, wait.wait(-1, wait.WNOHANG)))
end

local function temporary(text, mode)
  local fd, path = stdlib.mkstemp "/tmp/lunik-spec-XXXXXX"
  unistd.write(fd, text)
  unistd.close(fd)
  stat.chmod(path, mode)
  return path
end

describe("proc.spawn", function()
  it("passes the arguments and catches the exit code", function()
    assert.same({ "a b|\n|\n", "exited", 7 },
      { output { "sh", "-c", "printf '%s|\n' \"$@\"; exit 7", "sh", "a b", "" } })
  end)

  it("gives the environment that is listed and no other", function()
    assert.equal("", (output { "env" }))
    assert.equal("A=1\nB=x=y\n", (output({ "env" }, { env = { "A=1", "B=x=y" } })))
  end)

  it("puts /dev/null where no descriptor is listed", function()
    assert.equal("/dev/null\n/dev/null\n",
      (output { "readlink", "/proc/self/fd/0", "/proc/self/fd/2" }))
  end)

  it("keeps a signal from a program that is not to hear it", function()
    assert.same({ "on\n", "exited", 0 },
      { output({ "sh", "-c", "kill -TERM $$; echo on" }, { blocked = 15 }) })
  end)

  it("closes everything that is not listed", function()
    local extra = {}
    for i = 1, 20 do extra[i] = unistd.dup(2) end
    -- 3 is the folder that ls itself reads
    assert.equal("0\n1\n2\n3\n9\n", (output({ "ls", "/proc/self/fd" }, { fds = { [9] = 2 } })))
    for _, fd in ipairs(extra) do unistd.close(fd) end
  end)

  it("closes them too on a kernel without close_range", function()
    local shim = os.tmpname()
    assert(os.execute("cc -shared -fPIC -o " .. shim .. " spec/support/enosys.c"))
    local preload = (os.getenv "LD_PRELOAD" or "") .. " " .. shim
    local text, how, code = run.lua([[
      local proc = require "lunik.core".proc
      local child = assert(proc.spawn { argv = { "ls", "/proc/self/fd" }, path = true,
        fds = { [1] = 1, [300] = 2 } })
      assert(child:wait(60) == "exited")
      child = assert(proc.spawn { argv = { "sleep", "60" }, path = true })
      assert(child:signal(9))
      assert(child:wait(60) == "killed")
    ]], { preload = preload, fds = { [2] = 2, [77] = 2, [78] = 2 } })
    os.remove(shim)
    assert.same({ "0\n1\n2\n3\n300\n", "exited", 0 }, { text, how, code })
  end)

  it("places descriptors in any permutation, overlapping ones too", function()
    local base, count, inode = 60, 8, {}
    for fd = base, base + count - 1 do
      local r, w = unistd.pipe()
      unistd.dup2(r, fd)
      unistd.close(r)
      unistd.close(w)
      inode[fd] = ("pipe:[%d]"):format(stat.fstat(fd).st_ino)
    end
    for _ = 1, 40 do
      local fds, expected, links = {}, {}, {}
      for i = 1, 12 do
        local child = i < 5 and 2 + i or base + math.random(0, count + 3)
        fds[child] = base + math.random(0, count - 1)
      end
      for child, parent in pairs(fds) do
        links[#links + 1] = "/proc/self/fd/" .. child
        expected[#expected + 1] = inode[parent]
      end
      assert.equal(table.concat(expected, "\n") .. "\n",
        (output({ "readlink", table.unpack(links) }, { fds = fds })))
    end
    for fd = base, base + count - 1 do unistd.close(fd) end
  end)

  it("swaps 3 and 4", function()
    local r3, w3 = unistd.pipe()
    local r4, w4 = unistd.pipe()
    unistd.write(w3, "three")
    unistd.write(w4, "four")
    unistd.close(w3)
    unistd.close(w4)
    assert.equal("four three", (run.lua([[
      local proc = require "lunik.core".proc
      assert(proc.spawn { argv = { "sh", "-c", "cat <&3; printf ' '; cat <&4" }, path = true,
        env = { "PATH=/usr/bin:/bin" }, fds = { [1] = 1, [3] = 4, [4] = 3 } }):wait(10)
    ]], { fds = { [2] = 2, [3] = r3, [4] = r4 } })))
    unistd.close(r3)
    unistd.close(r4)
  end)

  it("resets ignored signals, which exec alone would not", function()
    local old = signal.signal(signal.SIGUSR1, signal.SIG_IGN)
    local text = output { "grep", "-E", "^Sig(Blk|Ign)", "/proc/self/status" }
    signal.signal(signal.SIGUSR1, old)
    assert.equal("SigBlk:\t0000000000000000\nSigIgn:\t0000000000000000\n", text)
  end)

  it("starts a session, or a process group", function()
    local function ids(options)
      local pid, group, session = output({ "cat", "/proc/self/stat" }, options)
        :match "^(%d+) %b() %a %d+ (%d+) (%d+)"
      return pid == group, pid == session
    end
    assert.same({ false, false }, { ids {} })
    assert.same({ true, false }, { ids { group = true } })
    assert.same({ true, true }, { ids { session = true } })
  end)

  it("sets directory and umask", function()
    assert.equal("/usr\n", (output({ "pwd" }, { cwd = "/usr" })))
    assert.equal("0027\n", (output({ "sh", "-c", "umask" }, { umask = tonumber("27", 8) })))
  end)

  it("sets limits #native", function()
    local text = output({ "sh", "-c", "ulimit -n; ulimit -Hn; ulimit -c" }, { rlimits = {
      { resource = resource.RLIMIT_NOFILE, soft = 55, hard = 66 },
      { resource = resource.RLIMIT_CORE, soft = 0, hard = -1 } } })
    assert.equal("55\n66\n0\n", text)
  end)

  it("ends a program with the one that started it #native", function()
    local pid = tonumber((run.lua [[
      local proc = require "lunik.core".proc
      local child = assert(proc.spawn { argv = { "sleep", "60" }, path = true, pdeathsig = 9 })
      io.write(child:pid())
    ]]))
    local orphan, _, code = core.proc.open(pid)
    if not orphan then return assert.equal(errno.ESRCH, code) end
    local how = orphan:wait(60)
    orphan:signal(9)
    assert.equal("gone", how)
  end)

  it("answers for a missing program, here and in PATH", function()
    assert_fails(errno.ENOENT, "exec /no/such: No such file or directory",
      { argv = { "/no/such" } })
    assert_fails(errno.ENOENT, "exec no-such: No such file or directory",
      { argv = { "no-such" }, path = true })
    assert_fails(errno.ENOENT, "exec true: No such file or directory", { argv = { "true" } })
    assert_fails(errno.ENOENT, "exec : No such file or directory", { argv = { "" }, path = true })
  end)

  it("answers for a file that is no program", function()
    local script = temporary("echo no interpreter line\n", 493)
    assert_fails(errno.ENOEXEC, "exec " .. script .. ": Exec format error", { argv = { script } })
    stat.chmod(script, 420)
    assert_fails(errno.EACCES, "exec " .. script .. ": Permission denied", { argv = { script } })
    os.remove(script)
    assert_fails(errno.EACCES, "exec /usr: Permission denied", { argv = { "/usr" } })
  end)

  it("looks through PATH's absolute folders only", function()
    local path = os.getenv "PATH"
    stdlib.setenv("PATH", "usr/bin::/no/such:/etc/passwd:/usr:/usr/bin")
    local cwd = unistd.getcwd()
    unistd.chdir "/"
    local why = select(2, spawn { argv = { "bin" }, path = true })
    local child = spawn { argv = { "true" }, path = true }
    unistd.chdir(cwd)
    stdlib.setenv("PATH", path)
    assert.equal("exec bin: Permission denied", why)
    assert.equal("exited", (child:wait(60)))
  end)

  it("answers for arguments that are too long #native", function()
    assert_fails(errno.E2BIG, "exec /bin/true: Argument list too long",
      { argv = { "/bin/true", ("x"):rep(200000) } })
    local many = { "/bin/true" }
    for i = 1, 100 do many[i + 1] = ("x"):rep(100000) end
    assert_fails(errno.E2BIG, "exec /bin/true: Argument list too long", { argv = many })
  end)

  it("names the step that failed before exec", function()
    assert_fails(errno.ENOENT, "chdir /no/such: No such file or directory",
      { argv = { "/bin/true" }, cwd = "/no/such" })
    assert_fails(errno.EBADF, "descriptor 999 as 5: Bad file descriptor",
      { argv = { "/bin/true" }, fds = { [5] = 999 } })
    assert_fails(errno.EBADF, "descriptor 2000000000: no such number",
      { argv = { "/bin/true" }, fds = { [2000000000] = 1 } })
    assert_fails(errno.EINVAL, "limit 7: Invalid argument", { argv = { "/bin/true" },
      rlimits = { { resource = resource.RLIMIT_NOFILE, soft = 9, hard = 8 } } })
    assert_fails(errno.EINVAL, "parent-death signal 500: Invalid argument",
      { argv = { "/bin/true" }, pdeathsig = 500 })
  end)

  it("answers when descriptors run out, here and in the child #native", function()
    local soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE).rlim_cur,
      resource.getrlimit(resource.RLIMIT_NOFILE).rlim_max
    -- other specs may have left gaps: what is held here fills them
    local held, highest, results = {}, 0, {}
    for name in require("posix.dirent").files "/proc/self/fd" do
      highest = math.max(highest, tonumber(name) or 0)
    end
    repeat held[#held + 1] = unistd.dup(2) until held[#held] > highest
    local free = held[#held]
    unistd.close(table.remove(held))
    for spare = 0, 5 do
      resource.setrlimit(resource.RLIMIT_NOFILE, { rlim_cur = free + spare, rlim_max = hard })
      results[spare] = { spawn { argv = { "/bin/true" } } }
    end
    resource.setrlimit(resource.RLIMIT_NOFILE, { rlim_cur = soft, rlim_max = hard })
    for _, fd in ipairs(held) do unistd.close(fd) end
    assert.same({ nil, "pipe: Too many open files", errno.EMFILE }, results[0])
    assert.same({ nil, "pipe: Too many open files", errno.EMFILE }, results[1])
    assert.same({ nil, "fork: Too many open files", errno.EMFILE }, results[2])
    assert.same({ nil, "open /dev/null: Too many open files", errno.EMFILE }, results[3])
    assert.same(results[3], results[4])
    assert.equal("exited", (results[5][1]:wait(60)))
  end)

  it("gives up on a program that cannot be loaded in time", function()
    -- opening a file that is under a write lease waits for its holder, who ignores the signal
    local path = temporary("#!/bin/true\n", 493)
    local ignored = signal.signal(SIGIO, signal.SIG_IGN)
    local fd = fcntl.open(path, fcntl.O_RDONLY)
    assert.equal(0, fcntl.fcntl(fd, 1024, fcntl.F_RDLCK))
    assert.equal(0, fcntl.fcntl(fd, 1024, fcntl.F_WRLCK))
    assert_fails(errno.ETIMEDOUT, ("exec %s: not there in time"):format(path),
      { argv = { path }, seconds = 0.05 })
    unistd.close(fd)
    signal.signal(SIGIO, ignored)
    os.remove(path)
  end)

  it("leaves nothing behind after 1,000 programs", function()
    local before = run.descriptors()
    for i = 1, 1000 do
      local child <close> = assert(spawn { argv = { "/bin/true" }, fds = { [7] = 2 } })
      if i % 2 == 0 then assert.equal("exited", (child:wait(60))) end
      if i % 2 == 1 then poll.rpoll(child:fd(), 10000) end
    end
    assert.equal(before, run.descriptors())
    assert.equal(errno.ECHILD, select(3, wait.wait(-1, wait.WNOHANG)))
  end)

  it("raises on misuse", function()
    for message, options in pairs {
      ["argv: empty"] = {},
      ["argv: table expected, got string"] = { argv = "x" },
      ["argv: a NUL byte"] = { argv = { "a\0b" } },
      ["env: list of strings expected"] = { argv = { "x" }, env = { 1 } },
      ["no option 'evn'"] = { argv = { "x" }, evn = {} },
      ["fds: numbers of descriptors expected"] = { argv = { "x" }, fds = { a = 1 } },
      ["umask: a number from 0 on expected"] = { argv = { "x" }, umask = -1 },
      ["session: boolean expected, got number"] = { argv = { "x" }, session = 1 },
      ["share: from or from_fd expected"] = { argv = { "x" }, share = { at = "/" } },
      ["share: file takes file_fd"] = { argv = { "x" }, share = { at = "/", file = "/x" } },
      ["share: at expected"] = { argv = { "x" }, share = { from = "/" } },
    } do
      assert.error_matches(function() spawn(options) end, "spawn: " .. message, 1, true)
    end
  end)

  it("takes no resource for another that ends in the same bits", function()
    for _, number in ipairs { (1 << 32) + resource.RLIMIT_NOFILE, -1 } do
      assert.error_matches(function()
        spawn { argv = { "true" }, path = true,
          rlimits = { { resource = number, soft = 9, hard = 9 } } }
      end, "spawn: rlimits: resource: integer expected", 1, true)
    end
  end)

  it("refuses lists that only look long", function()
    local words, limits = { "true", "a", "b" }, {}
    long.make(words, 3, "c")
    long.make(limits, 0, { resource = resource.RLIMIT_NOFILE, soft = 9, hard = 9 })
    for _, options in ipairs { { argv = words }, { argv = { "x" }, env = words },
        { argv = { "x" }, rlimits = limits } } do
      assert.error_matches(function() spawn(options) end, "a list of over 1000000 values", 1, true)
    end
  end)
end)
