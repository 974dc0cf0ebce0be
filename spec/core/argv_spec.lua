-- What core.argv promises: QEMU's quoting, both ways, and nothing repaired.
local argv = require "lunik.core".argv
local long = require "support.long"

local function render(...) return argv.render { ... } end

describe("argv.render", function()
  it("passes strings through and joins an entry's pairs", function()
    assert.same({ "qemu", "-device", "virtio-net-pci,netdev=n0,mq=on,queues=4" },
      render("qemu", { "-device", "virtio-net-pci", "netdev", "n0", "mq", true, "queues", 4 }))
  end)

  it("doubles commas in values and leaves everything else alone", function()
    assert.same({ "-drive", "file=/a,,b=c \"'\\{" },
      render { "-drive", false, "file", "/a,b=c \"'\\{" })
  end)

  it("writes the implied key out where QEMU would misread the first value", function()
    local entry = { "-name", "a,id=evil", implied = "guest" }
    assert.same({ "-name", "guest=a,,id=evil" }, render(entry))
    entry.implied = nil
    local out, why, code = render(entry)
    assert.is_nil(out)
    assert.equal("'a,id=evil': needs its key written out", why)
    assert.equal(22, code)
  end)

  it("refuses a key rather than repairing it", function()
    for _, key in ipairs { "", "a,b", "a=b", "a\0b" } do
      local out, why = render { "-x", false, key, "v" }
      assert.is_nil(out)
      assert.matches("^bad option key ", why)
    end
  end)

  it("refuses NUL in values and in verbatim arguments", function()
    assert.equal("file: a NUL byte", select(2, render { "-drive", false, "file", "a\0b" }))
    assert.equal("'a': a NUL byte", select(2, render "a\0b"))
  end)

  it("renders a flag alone", function()
    assert.same({ "-nodefaults" }, render { "-nodefaults" })
  end)

  it("raises on values that no option can hold", function()
    assert.has_error(function() render { "-x", false, "k", 1.5 } end)
    assert.has_error(function() render { "-x", false, "k", {} } end)
  end)

  it("refuses lists that only look long", function()
    local entry = { "-x", false }
    for i = 3, 300 do entry[i] = "k" end
    for _, bad in ipairs { long.make({ "a", "b" }, 2, "c"), { long.make(entry, 300, "k") } } do
      assert.error_matches(function() argv.render(bad) end, "a list of over 1000000 values", 1,
        true)
    end
    assert.error_matches(function() argv.shell(long.make({}, 0, "c")) end,
      "a list of over 1000000 values", 1, true)
  end)

  it("takes 4,000 keys in one entry", function()
    local entry, text = { "-x", false }, {}
    for i = 1, 4000 do
      entry[#entry + 1], entry[#entry + 2] = "k" .. i, i
      text[i] = ("k%d=%d"):format(i, i)
    end
    assert.equal(table.concat(text, ","), render(entry)[2])
  end)
end)

describe("argv.parse", function()
  it("splits at single commas and undoubles the rest", function()
    assert.same({ { "a", "b" }, { "c", "d,e" }, { "f", "" } }, argv.parse "a=b,c=d,,e,f=")
  end)

  it("gives the implied key to a leading word", function()
    assert.same({ { "driver", "virtio,net" }, { "id", "n" } },
      argv.parse("virtio,,net,id=n", "driver"))
  end)

  it("keeps a bare word without a value", function()
    assert.same({ { "path", "x" }, { "server" }, { "nowait" } }, argv.parse "path=x,server,nowait")
  end)

  it("survives what real command lines hold", function()
    assert.same({}, argv.parse "")
    assert.same({ { "a", "b" } }, argv.parse "a=b,")
    assert.same({ { "a", "b," }, { "c", "," } }, argv.parse "a=b,,,c=,,")
  end)
end)

describe("render and parse", function()
  it("give any bytes back, 20,000 random times", function()
    local seed = os.time()
    math.randomseed(seed)
    local alphabet = ",,==\"'\n\t\\-:{}[] a\xff\xc3\x28é;$`"
    for _ = 1, 20000 do
      local entry, want = { "-x", false }, {}
      for k = 1, math.random(4) do
        local bytes = {}
        for i = 1, math.random(0, 12) do
          local at = math.random(#alphabet)
          bytes[i] = alphabet:sub(at, at)
        end
        local value = table.concat(bytes)
        entry[#entry + 1], entry[#entry + 2] = "k" .. k, value
        want[k] = { "k" .. k, value }
      end
      assert.same(want, argv.parse(render(entry)[2]), "seed " .. seed)
    end
  end)
end)

describe("argv.shell", function()
  it("quotes what a shell would touch", function()
    assert.equal([[qemu -append 'a b' 'it'\''s' '' '~/x' 'a;b']],
      argv.shell { "qemu", "-append", "a b", "it's", "", "~/x", "a;b" })
  end)

  it("gives any bytes back through a real shell", function()
    local words = { "a b", "'", "\"$x`\\", "\n", "-n", "é\xff", "*?[", "#a", "!x" }
    local pipe = assert(io.popen("printf '%s\\0' " .. argv.shell(words)))
    assert.equal(table.concat(words, "\0") .. "\0", pipe:read "a")
    pipe:close()
  end)
end)
