-- Credentials and configs as a real guest finds them in its firmware's tables.
local base64 = require "lunik.text.base64"
local house = require "support.house"
local scratch = require "support.scratch"

describe("a guest of systemd's and of Ignition's kind", function()
  local home
  setup(function() home = house.new() end)
  teardown(function() home:close() end)

  local function guest(script) return (home:does("exec", "m", "--", "sh", "-c", script)) end

  it("finds what its recipe hands over", function()
    scratch.write(home.dir .. "/bytes", "\0\1\255\n")
    scratch.write(home.dir .. "/large", ("x"):rep(7 << 10))
    scratch.write(home.dir .. "/config.ign", '{"ignition": {"version": "3.4.0"}}')
    home:does("up", home:small("m", [[agent {}, ignition { file = "config.ign" },
      credential { name = "text", value = "a, b = c" },
      credential { name = "bytes", file = "bytes" },
      credential { name = "large", file = "large" },
      credential { name = "fstab.extra", value = "tmpfs /x tmpfs rw 0 0" },
      mount { from = ".", to = "/work" } ]]))
    local tables = guest "cat /sys/firmware/dmi/tables/DMI"
    for name, content in pairs { text = "a, b = c", bytes = "\0\1\255\n",
      large = ("x"):rep(7 << 10),
      ["fstab.extra"] = "tmpfs /x tmpfs rw 0 0\nwork /work virtiofs rw,nofail 0 0\n" } do
      local words = ("io.systemd.credential.binary:%s=%s\0"):format(name, base64.encode(content))
      assert.truthy(tables:find(words, 1, true), name)
    end
    assert.equal('{"ignition": {"version": "3.4.0"}}', guest("modprobe qemu_fw_cfg; "
      .. "cat /sys/firmware/qemu_fw_cfg/by_name/opt/com.coreos/config/raw"))
    home:does("down", "--force", "m")
    assert.same({}, home:runtime())
  end)

  it("does not start where a file has become too long", function()
    scratch.write(home.dir .. "/longer", ("x"):rep((8 << 10) + 1))
    local status, _, why = home:lunik("up", home:small("m",
      'agent {}, credential { name = "c", file = "longer" }'))
    assert.same({ 3, ("lunik up: credential c: %s/longer: larger than 8192 bytes\n")
      :format(home.dir) }, { status, why })
  end)
end)
