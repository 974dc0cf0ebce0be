-- A plan in which copies stand for images: what is only read, and what is written in their place.
local core = require "lunik.core"
local fakehost = require "support.fakehost"
local lunik = require "lunik"

describe("a copy that stands for an image", function()
  local RECIPE = [[return machine { name = "m", accel = "tcg",
    disk { file = "/i/a.qcow2", overlay = true }, disk { file = "/i/b.raw", readonly = true },
    disk { file = "/i/a.qcow2", id = "kept", overlay = "/i/k.qcow2" },
    disk { file = "/i/c.raw" } }]]
  local qcow2 = (">c4I4I8I4I4I8"):pack("QFI\xfb", 2, 72, 7, 16, 1 << 20) .. ("\0"):rep(40)
    .. "a.qcow2"

  local function planned(images)
    local host = fakehost.new { files = { ["/i/vm.lua"] = RECIPE,
      ["/i/k.qcow2"] = qcow2 } }
    function host.contents(path) return host.files[path] end
    local plan, problems = lunik.plan("/i/vm.lua", { dir = "/i", host = host, anyway = true,
      images = images })
    assert(plan, not plan and lunik.text(problems))
    local bases = {}
    for _, file in ipairs(plan.files) do
      if file.base then bases[#bases + 1] = file.path:match "[^/]*$" .. " over " .. file.base end
    end
    return table.concat(core.argv.render(plan.argv), "\n"), bases
  end

  it("is read and written in its place, and nothing else is changed", function()
    local before = planned()
    local argv, bases = planned { ["/i/a.qcow2"] = "/c/1", ["/i/b.raw"] = "/c/2",
      ["/i/k.qcow2"] = "/i/k.qcow2.r0", ["/i/c.raw"] = "/c/4" }
    assert.same({ "a.overlay.qcow2 over /c/1", "k.qcow2.r0 over /i/a.qcow2" }, bases)
    local expected = before:gsub("/i/b%.raw", "/c/2"):gsub("/i/k%.qcow2", "/i/k.qcow2.r0")
    assert.equal(expected, argv)
    assert.is_truthy(argv:find("/i/c.raw", 1, true))
  end)
end)
