-- Firmware by QEMU's descriptors (docs/interop/firmware.json): three folders of made-up ones, read
-- as they lie on a disk, and what a machine gets of them.
local choose = require "lunik.machine.firmware.choose"
local core = require "lunik.core"
local read = require "lunik.host.firmware"
local scratch = require "support.scratch"
local stat = require "posix.sys.stat"

local SECURE = { "secure-boot", "enrolled-keys", "requires-smm" }

describe("firmware descriptors", function()
  local dir, folders
  before_each(function()
    dir, folders = scratch.new(), {}
    for i, name in ipairs { "share", "etc", "home" } do
      folders[i] = dir .. "/" .. name
      stat.mkdir(folders[i], 448)
    end
  end)
  after_each(function() scratch.remove(dir) end)

  local function image(name) return scratch.write(dir .. "/" .. name .. ".fd", name) end

  -- A descriptor's text; `over` replaces members.
  local function text(name, over)
    local said = { description = name, ["interface-types"] = { "uefi" }, tags = core.json.array {},
      mapping = { device = "flash",
        executable = { filename = image(name .. "-code"), format = "raw" },
        ["nvram-template"] = { filename = image(name .. "-vars"), format = "raw" } },
      targets = { { architecture = "x86_64", machines = { "pc-i440fx-*", "pc-q35-*" } } },
      features = core.json.array {} }
    for member, value in pairs(over or {}) do said[member] = value end
    return core.json.encode(said)
  end

  local function put(place, file, over)
    scratch.write(("%s/%s/%s.json"):format(dir, place, file), text(file .. "-" .. place, over))
  end

  local host = {
    kind = function(path) return stat.stat(path) and "file" end,
    real = function(path) return path end,
  }

  -- What a machine gets: the first word of the code's name | nil, why
  local function chosen(want)
    want = want or {}
    want.arch, want.board = want.arch or "x86_64", want.board or "q35"
    local one, why = choose.first(read(folders), want, host)
    return one and one.code.path:match "([^/]+)%-code%.fd$", why
  end

  it("are tried by name, whatever folder they are in", function()
    put("etc", "60-b")
    put("home", "70-a")
    put("share", "50-c")
    assert.equal("50-c-share", chosen())
  end)

  it("of a more specific folder replace their namesakes", function()
    for _, place in ipairs { "share", "etc", "home" } do
      put(place, "50-a")
      assert.equal("50-a-" .. place, chosen())
    end
  end)

  it("that are empty hide their namesakes", function()
    put("share", "50-a")
    put("share", "60-b")
    scratch.write(dir .. "/etc/50-a.json", "")
    assert.equal("60-b-share", chosen())
    put("home", "50-a")
    assert.equal("50-a-home", chosen())
  end)

  it("are files that end in .json", function()
    for _, name in ipairs { "10-a.json.dpkg-old", "10-a.txt", "10-a", ".10-a.json" } do
      scratch.write(dir .. "/share/" .. name, text "wrong")
    end
    put("share", "50-a")
    assert.equal("50-a-share", chosen())
  end)

  it("in folders that are not there are none", function()
    assert.same({}, read { dir .. "/nowhere" })
    local one, why = chosen()
    assert.is_nil(one)
    assert.equal("no UEFI firmware for x86_64 is installed: the package is ovmf in Debian, "
                 .. "edk2-ovmf elsewhere", why)
  end)

  it("name the package of each architecture", function()
    assert.matches("qemu%-efi%-aarch64", (select(2, chosen { arch = "aarch64" })))
    assert.equal("no UEFI firmware for s390x is installed", (select(2, chosen { arch = "s390x" })))
  end)

  it("are for an architecture", function()
    put("share", "40-arm", { targets = { { architecture = "aarch64", machines = { "virt-*" } } } })
    put("share", "50-a")
    assert.equal("50-a-share", chosen())
    assert.equal("40-arm-share", chosen { arch = "aarch64", board = "virt" })
  end)

  it("are for boards, by patterns", function()
    put("share", "50-a", { targets = { { architecture = "x86_64", machines = { "pc-q35-*" } } } })
    assert.equal("50-a-share", chosen { board = "pc-q35-7.2" })
    local one, why = chosen { board = "pc" }
    assert.is_nil(one)
    assert.equal("no UEFI firmware for x86_64 with the machine type 'pc': 50-a.json is for "
                 .. "pc-q35-*", why)
  end)

  it("may be for several targets", function()
    put("share", "50-a", { targets = {
      { architecture = "i386", machines = { "pc-q35-*" } },
      { architecture = "x86_64", machines = { "microvm" } },
      { architecture = "x86_64", machines = { "pc-q35-*" } } } })
    assert.equal("50-a-share", chosen())
    assert.equal("50-a-share", chosen { board = "microvm" })
    assert.equal("50-a-share", chosen { arch = "i386" })
  end)

  it("with secure boot are for who asks", function()
    put("share", "40-secure", { features = SECURE })
    put("share", "60-plain", { features = { "acpi-s3", "amd-sev", "verbose-dynamic" } })
    assert.equal("60-plain-share", chosen())
    assert.equal("40-secure-share", chosen { secure = true })
  end)

  it("that could check, and have no keys, are for nobody", function()
    put("share", "50-empty", { features = { "secure-boot", "requires-smm" } })
    local one, why = chosen()
    assert.is_nil(one)
    assert.matches("50-empty.json has secure-boot, which is not asked for", why, 1, true)
    one, why = chosen { secure = true }
    assert.is_nil(one)
    assert.matches("50-empty.json has no enrolled-keys", why, 1, true)
  end)

  it("that need SMM are not taken without being asked for", function()
    put("share", "50-smm", { features = { "requires-smm" } })
    put("share", "60-plain")
    assert.equal("60-plain-share", chosen())
  end)

  it("of another interface are passed over", function()
    put("share", "40-bios", { ["interface-types"] = { "bios" } })
    put("share", "50-both", { ["interface-types"] = { "bios", "uefi" } })
    assert.equal("50-both-share", chosen())
  end)

  it("whose files are gone are passed over, and named when nothing else is left", function()
    put("share", "40-gone")
    put("share", "50-there")
    os.remove(dir .. "/40-gone-share-vars.fd")
    assert.equal("50-there-share", chosen())
    os.remove(dir .. "/50-there-share-code.fd")
    local one, why = chosen()
    assert.is_nil(one)
    assert.matches("40-gone.json its " .. dir .. "/40-gone-share-vars.fd is not there", why, 1,
                   true)
  end)

  it("may be an image in memory, or flash without variables", function()
    put("share", "40-memory", { mapping = { device = "memory", filename = image "one-code" } })
    assert.equal("one", chosen())
    assert.equal("memory", read(folders)[1].device)
    put("share", "40-memory", { mapping = { device = "flash", mode = "stateless",
      executable = { filename = image "two-code", format = "raw" } } })
    assert.equal("two", chosen())
    assert.is_nil(read(folders)[1].vars)
  end)

  it("keep their formats", function()
    put("share", "50-a", { mapping = { device = "flash", mode = "split",
      executable = { filename = image "q-code", format = "qcow2" },
      ["nvram-template"] = { filename = image "q-vars", format = "qcow2" } } })
    local one = read(folders)[1]
    assert.same({ "qcow2", "qcow2" }, { one.code.format, one.vars.format })
  end)

  it("that lunik cannot use say why", function()
    local cases = {
      ["10-text"] = { "nonsense", "is no JSON object" },
      ["11-number"] = { "5", "is no JSON object" },
      ["12-empty"] = { "{}", "has no mapping that lunik knows" },
      ["13-combined"] = { text("a", { mapping = { device = "flash", mode = "combined",
        executable = { filename = "/a", format = "raw" } } }),
        "its flash is combined, which lunik does not know" },
      ["14-kernel"] = { text("b", { mapping = { device = "kernel", filename = "/a" } }),
        "it is loaded as a kernel" },
      ["15-relative"] = { text("c", { mapping = { device = "memory", filename = "a.fd" } }),
        "it names no image by an absolute path" },
      ["16-half"] = { text("d", { mapping = { device = "flash",
        executable = { filename = "/a", format = "raw" } } }),
        "it names no code and variables, as raw or qcow2, by absolute paths" },
      ["17-format"] = { text("e", { mapping = { device = "flash", mode = "stateless",
        executable = { filename = "/a", format = "vmdk" } } }),
        "it names no code and variables, as raw or qcow2, by absolute paths" },
      ["18-long"] = { (" "):rep(1 << 17), "larger than 65536 bytes" },
      ["19-types"] = { '{"mapping":{"device":7},"targets":[5,{"architecture":[]}]}',
        "has no mapping that lunik knows" },
    }
    for name, case in pairs(cases) do
      scratch.write(("%s/share/%s.json"):format(dir, name), case[1])
    end
    stat.mkdir(dir .. "/share/20-folder.json", 448)
    local list = read(folders)
    assert.equal(11, #list)
    for _, one in ipairs(list) do
      local wanted = cases[one.name:match "^(.*)%.json$"] or { "", "is no file" }
      assert.matches(wanted[2], one.problem, 1, true)
    end
    put("share", "50-a")
    assert.equal("50-a-share", chosen())
  end)

  it("find a code by its name, else by the file that it is", function()
    put("share", "40-secure", { features = SECURE })
    put("share", "50-same", { mapping = { device = "flash",
      executable = { filename = dir .. "/link.fd", format = "raw" },
      ["nvram-template"] = { filename = image "other-vars", format = "raw" } } })
    local linked = setmetatable({ real = function(path)
      return path == dir .. "/link.fd" and dir .. "/40-secure-share-code.fd" or path
    end }, { __index = host })
    local function owner(path)
      return choose.naming(read(folders), "code", path, linked)[1].name
    end
    assert.equal("40-secure.json", owner(dir .. "/40-secure-share-code.fd"))
    assert.equal("50-same.json", owner(dir .. "/link.fd"))
    assert.same({}, choose.naming(read(folders), "code", dir .. "/unknown.fd", linked))
  end)

  it("keep code and variables together", function()
    put("share", "40-secure", { features = SECURE })
    put("share", "60-plain")
    local list = read(folders)
    local function with(code, vars)
      local want = { arch = "x86_64", board = "q35", code = dir .. "/" .. code .. "-code.fd",
                     vars = vars and dir .. "/" .. vars .. "-vars.fd" }
      local owners = choose.naming(list, "code", want.code, host)
      local one, field, why = choose.of_code(owners, list, want, host)
      return one and one.name, field, why
    end
    assert.equal("60-plain.json", with "60-plain-share")
    assert.equal("60-plain.json", with("60-plain-share", "60-plain-share"))
    assert.equal("60-plain.json", with("60-plain-share", "of-my-own"))
    local one, field, why = with("60-plain-share", "40-secure-share")
    assert.same({ nil, "vars", "'40-secure-share-vars.fd' goes with '40-secure-share-code.fd', by "
                  .. "40-secure.json" }, { one, field, why })
  end)
end)

describe("a pattern of boards", function()
  it("fits as fnmatch(3) has it", function()
    local cases = {
      { "pc-q35-*", "pc-q35-7.2", true }, { "pc-q35-*", "pc-q35", false }, { "*", "", true },
      { "virt-?.?", "virt-7.2", true }, { "virt-?.?", "virt-10.2", false }, { "", "", true },
      { "pc-[a-iq]*", "pc-q35-1", true }, { "pc-[!q]*", "pc-q35-1", false }, { "", "a", false },
      { "a*b*c", "aXbYbZc", true }, { "a*b*c", "aXbYbZ", false }, { "microvm", "microvm", true },
      { "a.c", "abc", false }, { "a%d", "a1", false }, { "a\\*", "a*", true },
      { "[]a]", "]", true },
      { "a\\*", "ab", false }, { "[", "[", true }, { "**x", "yyx", true }, { "?", "", false },
    }
    for _, case in ipairs(cases) do
      assert.equal(case[3], choose.fits(case[1], case[2]), case[1] .. " " .. case[2])
    end
  end)

  it("takes no long time, however many stars it has", function()
    assert.is_false(choose.fits(("a*"):rep(500) .. "b", ("a"):rep(5000)))
  end)
end)
