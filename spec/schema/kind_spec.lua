-- Kinds of value: what they take, their canonical form, the words of a refusal.
local fakehost = require "support.fakehost"
local kind = require "lunik.schema.kind"

local context = { host = fakehost.new { listing = { ["/home/dev"] = { "100%missing" } } },
  dir = "/home/dev/vm" }

local function read(of, value) return of.read(value, context) end

describe("kind.size", function()
  it("is bytes, in binary units", function()
    for text, bytes in pairs { ["1K"] = 1024, ["512M"] = 512 << 20, ["4g"] = 4 << 30,
      ["1.5GiB"] = 3 << 29,
      ["2T"] = 2 << 40, ["100B"] = 100, ["1GB"] = 1 << 30 } do
      assert.equal(bytes, read(kind.size, text), text)
    end
  end)

  it("refuses what has no unit, none that exists, or no bytes", function()
    for _, value in ipairs { 4, 1.5, "4", "4.5", "4X", "G", "-1G", "0G", "1.3B", "99999999P",
      "1e3G", "4 G", true, {} } do
      local bytes, why = read(kind.size, value)
      assert.is_nil(bytes, tostring(value))
      assert.matches("^a size ", why)
    end
  end)

  it("prints itself in the largest exact unit", function()
    for text, bytes in pairs { ["1G"] = 1 << 30, ["1536M"] = 1536 << 20, ["1T"] = 1 << 40,
      ["1025B"] = 1025 } do
      assert.equal(text, kind.size.text(bytes))
    end
  end)
end)

describe("kind.int", function()
  it("takes whole numbers within its bounds, whole floats too", function()
    local port = kind.int(1, 65535)
    assert.equal(80, read(port, 80))
    assert.equal("integer", math.type(read(port, 80.0)))
    assert.equal("a whole number from 1 to 65535 expected, got 0", select(2, read(port, 0)))
    assert.equal("a whole number from 1 to 65535 expected, got 1.5", select(2, read(port, 1.5)))
    assert.equal("a whole number from 1 to 65535 expected, got '80'", select(2, read(port, "80")))
  end)

  it("reads --set's text", function()
    assert.equal(4, kind.int().parse "4")
    assert.equal("four", kind.int().parse "four")
  end)
end)

describe("kind.bool", function()
  it("keeps false", function() assert.is_false(read(kind.bool, false)) end)

  it("reads --set's words", function()
    assert.is_true(kind.bool.parse "on")
    assert.is_false(kind.bool.parse "false")
    assert.equal("maybe", kind.bool.parse "maybe")
  end)
end)

describe("kind.duration", function()
  it("is seconds", function()
    for value, seconds in pairs { [5] = 5, ["90s"] = 90, ["2m"] = 120, ["1.5h"] = 5400,
      ["250ms"] = 0.25 } do
      assert.equal(seconds, read(kind.duration, value))
    end
    for _, value in ipairs { -1, "5", "5y", math.huge } do
      assert.is_nil((read(kind.duration, value)))
    end
  end)
end)

describe("kind.id and kind.name", function()
  it("are what QEMU and the file system take", function()
    assert.equal("a.b-c_1", read(kind.id, "a.b-c_1"))
    for _, value in ipairs { "1a", "", "a b", "a/b", "é", 3 } do
      assert.is_nil((read(kind.id, value)))
    end
    assert.equal("1a", read(kind.name, "1a"))
    for _, value in ipairs { ".", "..", ".a", "-a", "a/b", "", ("a"):rep(64) } do
      assert.is_nil((read(kind.name, value)), value)
    end
  end)
end)

describe("kind.one_of", function()
  it("names the nearest", function()
    local bus = kind.one_of { "virtio", "scsi" }
    assert.equal("scsi", read(bus, "scsi"))
    assert.equal("one of virtio, scsi expected, got 'scis'; did you mean 'scsi'?",
      select(2, read(bus, "scis")))
    assert.equal("one of virtio, scsi expected, got 3", select(2, read(bus, 3)))
  end)
end)

describe("kind.mac", function()
  it("is lower case and unicast", function()
    assert.equal("52:54:00:ab:cd:ef", read(kind.mac, "52:54:00:AB:CD:EF"))
    assert.matches("multicast", select(2, read(kind.mac, "ff:ff:ff:ff:ff:ff")))
    assert.is_nil((read(kind.mac, "52:54:00:AB:CD")))
  end)
end)

describe("kind.path", function()
  it("is absolute against the recipe's folder, ~ being the home", function()
    assert.equal("/home/dev/vm/a.raw", read(kind.path(), "a.raw"))
    assert.equal("/home/dev/a.raw", read(kind.path(), "../a.raw"))
    assert.equal("/home/dev/x", read(kind.path(), "~/x"))
    assert.equal("/home/dev/vm/~x", read(kind.path(), "~x"))
    assert.equal("/a,b\n\xff", read(kind.path(), "/a,b\n\xff"))
  end)

  it("suggests what lies beside what is missing, even names full of magic", function()
    assert.equal("no such directory '~/100missing'; did you mean '~/100%missing'?",
      select(2, read(kind.path "directory", "~/100missing")))
  end)

  it("refuses NUL and the empty path", function()
    assert.equal("a NUL byte in 'a\\x00b'", select(2, read(kind.path(), "a\0b")))
    assert.is_nil((read(kind.path(), "")))
  end)
end)

describe("kind.show", function()
  it("never prints control bytes and cuts long text", function()
    assert.equal("'a\\x0ab'", kind.show "a\nb")
    assert.equal("'" .. ("x"):rep(57) .. "...'", kind.show(("x"):rep(100)))
    assert.equal("a table", kind.show {})
  end)
end)
