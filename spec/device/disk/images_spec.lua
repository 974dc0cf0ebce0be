-- Images as qemu-img makes them, held against what a recipe says of them: an overlay against its
-- base, and what an image brings along against its folder.
local lunik = require "lunik"
local scratch = require "support.scratch"
local stat = require "posix.sys.stat"
local unistd = require "posix.unistd"

describe("a disk", function()
  local dir
  before_each(function()
    dir = scratch.new()
    assert(stat.mkdir(dir .. "/vm") == 0 and stat.mkdir(dir .. "/other") == 0)
  end)
  after_each(function() scratch.remove(dir) end)

  local function qemu_img(words)
    assert(os.execute(("cd '%s/vm' && qemu-img %s >/dev/null"):format(dir, words)))
  end

  -- What `check` says of a machine with this disk: "fine" and notes, or its problem.
  local function says(disk)
    scratch.write(dir .. "/vm/vm.lua", ("return machine {\n  %s\n}\n"):format(disk))
    local plan, problems = lunik.plan(dir .. "/vm/vm.lua", { anyway = true })
    if plan then
      for _, note in ipairs(plan.notes) do
        if note:find "^disk " then return note end
      end
      return "fine"
    end
    return (lunik.text(problems):gsub("^.-/vm%.lua:", ""))
  end

  local function overlay(base) return ('disk { file = "%s", overlay = "o.qcow2" }'):format(base) end

  describe("with a kept overlay", function()
    -- The overlay, and beside it what lunik.process.files would have written.
    local function made(base, format)
      qemu_img(("create -q -f qcow2 -F %s -b %s o.qcow2"):format(format, base))
      local image = require "lunik.host.image"
      local path = base:sub(1, 1) == "/" and base or dir .. "/vm/" .. base
      scratch.write(dir .. "/vm/o.qcow2.base", require "lunik.core".json.encode(
        image.facts(path, format, require "lunik.host")))
    end

    before_each(function()
      qemu_img "create -q -f qcow2 a.qcow2 8M"
      made("a.qcow2", "qcow2")
    end)

    it("is fine over the base that it was made over, also where both have moved", function()
      assert.equal("fine", says(overlay "a.qcow2"))
      assert(os.rename(dir .. "/vm", dir .. "/moved") and os.rename(dir .. "/moved", dir .. "/vm"))
      assert.equal("fine", says(overlay "a.qcow2"))
    end)

    it("is refused over another file", function()
      qemu_img "create -q -f qcow2 b.qcow2 8M"
      assert.equal("2: disk.file: 'o.qcow2' was made over 'a.qcow2': name that one, or another "
        .. "overlay", says(overlay "b.qcow2"))
    end)

    it("is refused where its base was left behind", function()
      made(dir .. "/vm/a.qcow2", "qcow2")
      assert(os.rename(dir .. "/vm", dir .. "/moved"))
      assert(stat.mkdir(dir .. "/vm") == 0)
      for _, name in ipairs { "a.qcow2", "o.qcow2", "o.qcow2.base" } do
        assert(unistd.link(dir .. "/moved/" .. name, dir .. "/vm2" .. name))
      end
      for _, name in ipairs { "a.qcow2", "o.qcow2", "o.qcow2.base" } do
        assert(os.rename(dir .. "/vm2" .. name, dir .. "/other/" .. name))
      end
      assert.matches("^2: disk.file: 'o.qcow2' was made over '/.*/vm/a.qcow2': name that one",
        says 'disk { file = "../other/a.qcow2", overlay = "../other/o.qcow2" }')
    end)

    it("is refused where the base has another format, size, or fewer bytes", function()
      qemu_img "create -q -f qcow2 a.qcow2 4M"
      assert.equal("2: disk.file: 'a.qcow2' is not what 'o.qcow2' was made over: the guest saw 8M, "
        .. "now 4M", says(overlay "a.qcow2"))
      assert.equal("2: disk.format: 'o.qcow2' was made over a base of the format 'qcow2', not raw",
        says 'disk { file = "a.qcow2", format = "raw", overlay = "o.qcow2" }')
      qemu_img "create -q -f qcow2 -o preallocation=falloc a.qcow2 8M"
      made("a.qcow2", "qcow2")
      qemu_img "create -q -f qcow2 a.qcow2 8M"
      assert.matches("^2: disk.file: 'a.qcow2' is not what 'o.qcow2' was made over: the file had ",
        says(overlay "a.qcow2"))
    end)

    it("is refused over a raw base that became smaller", function()
      qemu_img "create -q -f raw d.raw 8M"
      made("d.raw", "raw")
      assert.equal("fine", says(overlay "d.raw"))
      scratch.write(dir .. "/vm/d.raw", ("x"):rep(4 << 20))
      assert.equal("2: disk.file: 'd.raw' is not what 'o.qcow2' was made over: the guest saw 8M, "
        .. "now 4M", says(overlay "d.raw"))
    end)

    it("has a note where the base was written in between, or is another file", function()
      local path = dir .. "/vm/a.qcow2"
      require "posix.utime".utime(path, 1, 1)
      assert.equal("disk a: 'a.qcow2' was written since 'o.qcow2' was made over it; unless it is "
        .. "the same, the guest sees rubbish", says(overlay "a.qcow2"))
      qemu_img "create -q -f qcow2 b.qcow2 8M"
      made("a.qcow2", "qcow2")
      require "posix.utime".utime(dir .. "/vm/b.qcow2", 1, 1)
      assert(os.rename(dir .. "/vm/b.qcow2", path))
      assert.matches("^disk a: 'a.qcow2' is another file since ", says(overlay "a.qcow2"))
    end)

    it("has a note where the base was written within the second", function()
      local touch, path = require "lunik.core".folder.touch, dir .. "/vm/a.qcow2"
      touch(path, 1700000000, 1)
      made("a.qcow2", "qcow2")
      assert.equal("fine", says(overlay "a.qcow2"))
      touch(path, 1700000000, 2)
      assert.matches("^disk a: 'a.qcow2' was written since ", says(overlay "a.qcow2"))
    end)

    it("has a note where what was known cannot be read", function()
      scratch.write(dir .. "/vm/o.qcow2.base", "{")
      assert.equal("disk a: 'o.qcow2.base' cannot be read, so its base is not held against it",
        says(overlay "a.qcow2"))
    end)

    it("is refused where it is no overlay at all", function()
      scratch.write(dir .. "/vm/o.qcow2", "text")
      assert.equal("2: disk.overlay: 'o.qcow2' is there, and is not a qcow2 image",
        says(overlay "a.qcow2"))
      qemu_img "create -q -f qcow2 o.qcow2 8M"
      assert.equal("2: disk.overlay: 'o.qcow2' is there, and has no base image",
        says(overlay "a.qcow2"))
      assert(os.remove(dir .. "/vm/o.qcow2") and stat.mkfifo(dir .. "/vm/o.qcow2", 384) == 0)
      assert.equal("2: disk.overlay: 'o.qcow2' is a fifo", says(overlay "a.qcow2"))
    end)
  end)

  describe("from elsewhere", function()
    local function outside(what, name, role)
      return ("2: disk.file: '%s' has '%s' for its %s, which is not in its folder: if it is to be "
        .. 'read, say backing = "…"'):format(what, name, role)
    end

    it("is refused with a base image outside its folder, and taken where that is named", function()
      qemu_img "create -q -f qcow2 -u -F raw -b /etc/hostname t.qcow2 8M"
      assert.equal(outside("t.qcow2", "/etc/hostname", "base image"),
        says 'disk { file = "t.qcow2" }')
      assert.equal("fine", says 'disk { file = "t.qcow2", backing = "/etc/hostname" }')
      assert.equal("fine", says 'disk { file = "t.qcow2", backing = { "/x", "/etc/hostname" } }')
      assert.equal(outside("t.qcow2", "/etc/hostname", "base image"),
        says 'disk { file = "t.qcow2", overlay = true }')
    end)

    it("is refused however the base image is spelt", function()
      for _, name in ipairs { "../other/x.raw", "json:{\"driver\":\"null-co\"}", "nbd://h/x",
        "fat:/etc", "file:x.raw" } do
        qemu_img(("create -q -f qcow2 -u -F raw -b '%s' t.qcow2 8M"):format(name))
        assert.equal(outside("t.qcow2", name, "base image"), says 'disk { file = "t.qcow2" }')
      end
      assert(unistd.link("/etc/hostname", dir .. "/vm/l.raw", true))
      qemu_img "create -q -f qcow2 -u -F raw -b l.raw t.qcow2 8M"
      assert.equal(outside("t.qcow2", "l.raw", "base image"), says 'disk { file = "t.qcow2" }')
    end)

    it("names what only QEMU can open as the image does", function()
      qemu_img "create -q -f qcow2 -u -F raw -b nbd://h/x t.qcow2 8M"
      assert.equal("fine", says 'disk { file = "t.qcow2", backing = "nbd://h/x" }')
    end)

    it("is refused where an image further down goes outside", function()
      qemu_img "create -q -f qcow2 -u -F raw -b /etc/hostname b.qcow2 8M"
      qemu_img "create -q -f qcow2 -u -F qcow2 -b b.qcow2 t.qcow2 8M"
      assert.equal(outside("b.qcow2", "/etc/hostname", "base image"),
        says 'disk { file = "t.qcow2" }')
    end)

    it("is refused where the header lies late in a large cluster", function()
      qemu_img "create -q -f qcow2 -u -o cluster_size=2M -F raw -b inside.raw t.qcow2 8M"
      local path = dir .. "/vm/t.qcow2"
      local text, name = scratch.read(path), "/etc/hostname"
      text = text:sub(1, 8) .. (">I8I4"):pack(1 << 20, #name) .. text:sub(21, 1 << 20) .. name
        .. text:sub((1 << 20) + #name + 1)
      scratch.write(path, text)
      assert.equal(outside("t.qcow2", name, "base image"), says 'disk { file = "t.qcow2" }')
    end)

    it("is refused with a data file outside its folder", function()
      qemu_img(("create -q -f qcow2 -o data_file=%s/other/d.raw t.qcow2 8M"):format(dir))
      assert.equal(outside("t.qcow2", dir .. "/other/d.raw", "data file"),
        says 'disk { file = "t.qcow2" }')
      qemu_img "create -q -f qcow2 -o data_file=d.raw t.qcow2 8M"
      assert.equal("fine", says 'disk { file = "t.qcow2" }')
    end)

    it("is refused with an extent outside its folder", function()
      qemu_img "create -q -f vmdk -o subformat=monolithicFlat t.vmdk 8M"
      assert.equal("fine", says 'disk { file = "t.vmdk" }')
      local path = dir .. "/vm/t.vmdk"
      scratch.write(path, (scratch.read(path):gsub('"t%-flat.vmdk"', '"/etc/hostname"')))
      assert.equal(outside("t.vmdk", "/etc/hostname", "extent"), says 'disk { file = "t.vmdk" }')
      for _, form in ipairs { "monolithicSparse", "twoGbMaxExtentSparse", "streamOptimized" } do
        qemu_img(("create -q -f vmdk -o subformat=%s t.vmdk 8M"):format(form))
        assert.equal("fine", says 'disk { file = "t.vmdk" }')
      end
    end)

    it("is refused where the parent of a vmdk image lies outside", function()
      qemu_img "create -q -f vmdk b.vmdk 8M"
      qemu_img "create -q -f vmdk -b b.vmdk -F vmdk t.vmdk"
      assert.equal("fine", says 'disk { file = "t.vmdk" }')
      local path = dir .. "/vm/t.vmdk"
      scratch.write(path, (scratch.read(path):gsub('parentFileNameHint="b.vmdk"\n',
        'parentFileNameHint="/x.vmdk"\n')))
      assert.equal(outside("t.vmdk", "/x.vmdk", "base image"), says 'disk { file = "t.vmdk" }')
    end)

    it("reads the base image of qed's header too", function()
      qemu_img "create -q -f qed -u -F raw -b /etc/hostname t.qed 8M"
      assert.equal(outside("t.qed", "/etc/hostname", "base image"), says 'disk { file = "t.qed" }')
    end)

    it("is refused where what it names is gone, no file, or itself", function()
      qemu_img "create -q -f qcow2 -u -F raw -b gone.raw t.qcow2 8M"
      assert.equal("2: disk.file: the base image of t.qcow2 is missing: 'gone.raw'",
        says 'disk { file = "t.qcow2" }')
      assert(stat.mkfifo(dir .. "/vm/gone.raw", 384) == 0)
      assert.equal("2: disk.file: the base image of t.qcow2 is a fifo: 'gone.raw'",
        says 'disk { file = "t.qcow2" }')
      qemu_img "create -q -f qcow2 -u -F qcow2 -b t.qcow2 b.qcow2 8M"
      qemu_img "create -q -f qcow2 -u -F qcow2 -b b.qcow2 t.qcow2 8M"
      assert.matches("^2: disk.file: '.*t.qcow2' is its own base image$",
        says 'disk { file = "t.qcow2" }')
    end)
  end)

  -- What is not read of them (lunik.host.image) is nothing that QEMU would open.
  it("that has a parent in a format of others is refused by QEMU, or the parent not opened",
    function()
      local function patched(name, offset, bytes)
        local file = assert(io.open(dir .. "/vm/" .. name, "r+b"))
        local text = file:read "a"
        file:seek("set", type(offset) == "function" and offset(text) or offset)
        file:write(bytes)
        file:close()
      end
      local function opens(name)
        return os.execute(("cd '%s/vm' && qemu-img info %s >info 2>&1"):format(dir, name)) == true,
               scratch.read(dir .. "/vm/info")
      end
      qemu_img "create -q -f vdi a.vdi 1M"
      assert.is_true((opens "a.vdi"))
      patched("a.vdi", 0x1b8, ("\x11"):rep(16))
      local ok, said = opens "a.vdi"
      assert.is_false(ok)
      assert.matches("parent UUID", said, 1, true)
      qemu_img "create -q -f vhdx a.vhdx 8M"
      assert.is_true((opens "a.vhdx"))
      local PARAMETERS = "\x37\x67\xa1\xca\x36\xfa\x43\x4d\xb3\xb6\x33\xf0\xaa\x44\xe7\x6b"
      patched("a.vhdx", function(text)
        local region = text:find("metadata", 1, true)
        local entry = text:find(PARAMETERS, region, true)
        return region - 1 + ("<I4"):unpack(text, entry + 16) + 4
      end, "\2\0\0\0")
      assert.is_false((opens "a.vhdx"))
    end)

  it("ends with any header", function()
    local image = require "lunik.host.image"
    math.randomseed(5)
    local starts = { "QFI\xfb", "KDMV", "QED\0", "# Disk DescriptorFile\n", "" }
    for _ = 1, 3000 do
      local bytes = { starts[math.random(#starts)] }
      for i = 2, math.random(2, 600) do
        bytes[i] = string.char(math.random(3) == 1 and 255 or math.random(0, 127))
      end
      local head = table.concat(bytes)
      for _, format in ipairs { "qcow2", "vmdk", "qed", "vdi", "raw" } do
        image.read(format, head)
      end
      image.head("x", "qcow2", { head = function() return head end })
      image.head("x", "vmdk", { head = function() return head end })
    end
  end)
end)
