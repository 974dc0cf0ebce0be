-- Mounting inside a guest that is a table here: what it is told, what it must show.
local mount = require "lunik.guest.mount"

local work = { tag = "work", type = "virtiofs", to = "/work" }

-- A guest with mounts and links; `fails` names programs that end with status 1.
local function guest(options)
  options = options or {}
  local self = { ran = {}, mounts = options.mounts or {} }
  local programs = {
    mkdir = function() return "" end,
    readlink = function(argv) return (options.links or {})[argv[3]] or argv[3] end,
    cat = function() return table.concat(self.mounts, "\n") end,
    mount = function(argv)
      if options.lies then return "" end
      local at = (options.links or {})[argv[#argv]] or argv[#argv]
      table.insert(self.mounts, ("40 25 0:33 / %s rw - %s %s rw")
                                :format((at:gsub(" ", "\\040")), argv[3], argv[#argv - 1]))
      return ""
    end,
  }
  function self.run(argv)
    table.insert(self.ran, table.concat(argv, " "))
    if options.fails == argv[1] then return { status = 1, out = "", err = options.err or "" } end
    if options.gone == argv[1] then return nil, "agent: guest-exec: no answer" end
    return { status = 0, out = programs[argv[1]](argv), err = "" }
  end
  return self
end

describe("guest mount", function()
  it("makes the directory, mounts, and looks whether it is there", function()
    local g = guest()
    assert.equal("mounted", mount.perform(g.run, work))
    assert.same({ "mkdir -p /work", "readlink -f /work", "cat /proc/self/mountinfo",
                  "mount -t virtiofs work /work", "cat /proc/self/mountinfo" }, g.ran)
  end)

  it("leaves alone what is mounted already", function()
    local g = guest { mounts = { "30 25 0:33 / /work rw,relatime - virtiofs work rw" } }
    assert.equal("there", mount.perform(g.run, work))
    assert.equal(3, #g.ran)
  end)

  it("mounts over something else, and over its own share when that is covered", function()
    local g = guest { mounts = { "30 25 0:33 / /work rw - tmpfs tmpfs rw" } }
    assert.equal("mounted", mount.perform(g.run, work))
    g = guest { mounts = { "30 25 0:33 / /work rw - virtiofs work rw",
                           "31 25 0:34 / /work rw - tmpfs tmpfs rw" } }
    assert.equal("mounted", mount.perform(g.run, work))
  end)

  it("does not take another share, or the same one elsewhere, for the one asked for", function()
    local g = guest { mounts = { "30 25 0:33 / /work rw - virtiofs other rw",
                                 "31 25 0:34 / /mnt rw - virtiofs work rw" } }
    assert.equal("mounted", mount.perform(g.run, work))
  end)

  it("finds a mount behind a symbolic link and with a space in its name", function()
    local g = guest { links = { ["/var/run/x"] = "/run/x y" } }
    assert.equal("mounted",
      mount.perform(g.run, { tag = "x", type = "virtiofs", to = "/var/run/x" }))
  end)

  it("does not believe a mount that the guest does not list", function()
    assert.same({ nil, "mount succeeded, and the guest does not list it" },
                { mount.perform(guest { lies = true }.run, work) })
  end)

  it("says what the guest said when it cannot", function()
    local g = guest { fails = "mount", err = "mount: wrong fs type\n" }
    assert.same({ nil, "mount: mount: wrong fs type" }, { mount.perform(g.run, work) })
    assert.same({ nil, "mkdir: status 1" }, { mount.perform(guest { fails = "mkdir" }.run, work) })
    assert.same({ nil, "agent: guest-exec: no answer" },
                { mount.perform(guest { gone = "cat" }.run, work) })
  end)

  it("tells mount what each type needs", function()
    assert.same({ "mount", "-t", "virtiofs", "-o", "ro", "w", "/w" },
                mount.argv { tag = "w", type = "virtiofs", to = "/w", readonly = true })
    assert.same({ "mount", "-t", "9p", "-o", "trans=virtio,version=9p2000.L,msize=262144,noatime",
                  "w", "/w" },
                mount.argv { tag = "w", type = "9p", to = "/w", options = "noatime" })
  end)
end)
