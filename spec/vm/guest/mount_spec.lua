-- Mounting inside a guest: the scripts for its shell run in a real one, in a mount namespace of
-- their own, where a tmpfs stands for the share.
local core = require "lunik.core"
local mount = require "lunik.vm.guest.mount"
local run = require "support.run"
local scratch = require "support.scratch"
local stat = require "posix.sys.stat"
local unistd = require "posix.unistd"

-- busybox has the small guest's (spec/e2e/mount_spec.lua)
local SHELLS = { dash = { "sh" }, bash = { "bash" } }

for name, shell in pairs(SHELLS) do
  describe("a guest's " .. name, function()
    local dir
    before_each(function() dir = scratch.new() end)
    after_each(function() scratch.remove(dir) end)

    -- Runs scripts as a guest would, after `before` in the same shell.
    local function guest(before)
      return function(script, arguments)
        local argv = { "unshare", unistd.geteuid() == 0 and "-m" or "-rm" }
        table.move(shell, 1, #shell, #argv + 1, argv)
        table.move({ "-c", (before or "") .. "\n" .. script, "lunik", table.unpack(arguments) }, 1,
                   #arguments + 3, #argv + 1, argv)
        local reader, writer = unistd.pipe()
        local child, out = run.start { argv = argv, path = true, fds = { [2] = writer } }
        unistd.close(writer)
        local text, err = run.drain(out), run.drain(reader)
        local how, status = child:wait(60)
        return { status = how == "exited" and status or nil, signal = how == "killed" and status
                 or nil, out = text, err = err }
      end
    end

    local function share(to, more)
      local spec = { tag = "work", type = "tmpfs", from = "/on/the/host", to = to }
      for key, value in pairs(more or {}) do spec[key] = value end
      return spec
    end

    local function quoted(...) return core.argv.shell { ... } end

    local FOUND = { writable = true }

    it("makes the directory, mounts, and shows it", function()
      local to = dir .. "/a/b"
      assert.same({ "mounted", FOUND }, { mount.perform(guest(), share(to), "new") })
    end)

    it("leaves alone what is mounted already", function()
      local to = dir .. "/a"
      stat.mkdir(to)
      local g = guest(quoted("mount", "-t", "tmpfs", "work", to))
      assert.same({ "there", FOUND }, { mount.perform(g, share(to)) })
    end)

    it("mounts over something else, and over its own share when that is covered", function()
      local to = dir .. "/a"
      stat.mkdir(to)
      local other = quoted("mount", "-t", "tmpfs", "other", to)
      assert.equal("mounted", (mount.perform(guest(other), share(to))))
      local covered = quoted("mount", "-t", "tmpfs", "work", to) .. "\n" .. other
      assert.equal("mounted", (mount.perform(guest(covered), share(to))))
    end)

    it("does not take the same share elsewhere for the one asked for", function()
      stat.mkdir(dir .. "/a")
      stat.mkdir(dir .. "/ab")
      local g = guest(quoted("mount", "-t", "tmpfs", "work", dir .. "/ab"))
      assert.equal("mounted", (mount.perform(g, share(dir .. "/a"))))
    end)

    it("takes any bytes in a place, and finds it behind a symbolic link", function()
      stat.mkdir(dir .. "/real")
      unistd.link(dir .. "/real", dir .. "/link", true)
      for _, last in ipairs { "/link", "/with space", "/t\tab", "/new\nline\n", "/back\\slash",
                              "/[*?]$`\"'", "/#, =", "/\xff\xfe", "/link/-x" } do
        local to = dir .. last
        assert.same({ "mounted", FOUND }, { mount.perform(guest(), share(to), "new") },
                    last)
        local g = guest("mkdir -p " .. quoted(to) .. "\n"
                        .. quoted("mount", "-t", "tmpfs", "work", to))
        assert.same({ "there", FOUND }, { mount.perform(g, share(to)) }, last)
      end
    end)

    it("takes any tag", function()
      for _, tag in ipairs { "a b", "#x", "back\\slash", "*", "-t", "\xc3\xa4" } do
        assert.equal("mounted",
          (mount.perform(guest(), share(dir .. "/a", { tag = tag }), "new")), tag)
      end
    end)

    it("does not believe a mount that the guest does not list", function()
      assert.same({ nil, "mount succeeded, and the guest does not list it" },
                  { mount.perform(guest "mount() { :; }", share(dir .. "/a"), "new") })
    end)

    it("says what the guest said when it cannot", function()
      local g = guest 'mount() { echo "mount: wrong fs type" >&2; return 32; }'
      assert.same({ nil, "mount: wrong fs type" }, { mount.perform(g, share(dir .. "/a"), "new") })
      assert.same({ nil, "mount: status 32" },
                  { mount.perform(guest "mount() { return 32; }", share(dir .. "/a"), "new") })
      scratch.write(dir .. "/file", "")
      local _, why, code = mount.perform(guest(), share(dir .. "/file/x"), "new")
      assert.matches("Not a directory", why, 1, true)
      assert.equal("place", code)
    end)

    it("says so when the guest may not write", function()
      local locked = guest 'mount() { command mount -o ro "$@"; }'
      assert.same({ "mounted", { writable = false } },
                  { mount.perform(locked, share(dir .. "/a"), "new") })
    end)

    it("makes nothing in what it mounts, nor changes it", function()
      local before = quoted("mkdir", "-p", dir .. "/a") .. "\n"
        .. quoted("mount", "-t", "tmpfs", "work", dir .. "/a") .. "\n"
        .. quoted("touch", "-d", "@1000000000", dir .. "/a") .. "\n"
        .. "trap " .. quoted(quoted("stat", "-c", "%Y", dir .. "/a") .. " >&2") .. " EXIT"
      local result
      mount.perform(function(...)
        result = guest(before)(...)
        return result
      end, share(dir .. "/a"))
      assert.equal("1000000000\n", result.err)
      assert.equal("there \n rw\n", result.out)
    end)

    it("says the inode where that is the host's, without a program or by ls", function()
      local spec = share(dir .. "/a", { daemon = true })
      local show = "trap " .. quoted(quoted("stat", "-c", "%i", spec.to) .. " >&2") .. " EXIT\n"
      local function inode(before)
        local result
        local how, facts = mount.perform(function(...)
          result = guest(show .. before)(...)
          return result
        end, spec, "new")
        assert.equal("mounted", how, facts)
        assert.equal(result.err, facts.inode .. "\n")
      end
      inode 'ls() { echo "lost"; }'
      inode "mount -t tmpfs proc /proc"        -- as of a kernel that does not say it
    end)

    it("is not believed to be where it was when the inode is no number", function()
      local function odd(out) return function() return { status = 0, out = out, err = "" } end end
      for _, out in ipairs { "mounted \n1x rw\n", "mounted \n" .. ("1"):rep(21) .. " rw\n",
                             "mounted \n7rw\n" } do
        assert.matches("answered something else",
                       select(2, mount.perform(odd(out), share(dir .. "/a"))))
      end
    end)

    it("holds the owner against the one that was asked for", function()
      local spec = share(dir .. "/a", { owner = "0:0" })
      assert.equal("mounted", (mount.perform(guest(), spec, "new")))
      spec.owner = "1000:1000"
      assert.same({ nil, "it belongs to 0:0 in the guest, and 1000:1000 was asked for" },
                  { mount.perform(guest(), spec, "new") })
    end)

    it("unmounts a share wherever it is", function()
      stat.mkdir(dir .. "/a")
      stat.mkdir(dir .. "/b c")
      -- what is left mounted is what the exit status says
      local before = quoted("mount", "-t", "tmpfs", "work", dir .. "/a") .. "\n"
        .. quoted("mount", "-t", "tmpfs", "work", dir .. "/b c") .. "\n"
      local seen
      local function g(script, arguments)
        local result = guest(before .. "trap '! grep -q \"tmpfs work\" /proc/self/mountinfo' EXIT"
                             )(script, arguments)
        seen = script:find "umount" and result or seen
        if not script:find "umount" then result.status = 0 end
        return result
      end
      assert.is_true(mount.undo(g, share()))
      assert.equal(0, seen.status, seen.err)
      assert.is_true(mount.undo(guest(), share()))
    end)

    it("names who holds a share that is busy, and takes it away all the same when told", function()
      stat.mkdir(dir .. "/a")
      local g = guest(quoted("mount", "-t", "tmpfs", "work", dir .. "/a") .. "\nexec 7>"
                      .. quoted(dir .. "/a/held by"))
      local ok, why, used = mount.undo(g, share())
      assert.same({ nil, true }, { ok, used })
      assert.matches("busy%.?; in the guest %S+ %(pid %d+%) has " .. dir .. "/a/held by open", why)
      assert.is_true(mount.undo(g, share(), true))
    end)

    it("hands on what befalls who runs it", function()
      local function g() return nil, "agent: guest-exec: no answer", "code" end
      assert.same({ nil, "agent: guest-exec: no answer", "code" },
                  { mount.perform(g, share(dir .. "/a")) })
      assert.same({ nil, "agent: guest-exec: no answer", "code" }, { mount.undo(g, share()) })
      local function silent() return { status = 0, out = "", err = "" } end
      assert.same({ nil, "the guest's shell answered something else: " },
                  { mount.perform(silent, share(dir .. "/a")) })
    end)
  end)
end

describe("guest mount", function()
  it("tells mount what each type needs", function()
    assert.same({ "mount", "-t", "virtiofs", "-o", "ro", "w", "/w" },
                mount.argv { tag = "w", type = "virtiofs", to = "/w", readonly = true })
    assert.same({ "mount", "-t", "9p", "-o", "trans=virtio,version=9p2000.L,msize=262144", "w",
                  "/w" }, mount.argv { tag = "w", type = "9p", to = "/w",
      options = { "trans=virtio", "version=9p2000.L", "msize=262144" } })
  end)

  it("says what to type", function()
    assert.equal("in the guest: mkdir -p '/a b' && mount -t virtiofs w '/a b'",
                 mount.by_hand { tag = "w", type = "virtiofs", to = "/a b" })
  end)
end)
