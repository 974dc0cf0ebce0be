-- What verbs say of a machine, from its status.
local shown = require "lunik.cli.shown"

describe("what one needs to use a machine", function()
  local function of(mount)
    mount.tag, mount.from = "src", "/home/me/src"
    return shown.access({ forwards = {}, mounts = { mount }, state = "running" })[1]
  end

  it("has a mount where it is, and no mount where it is not", function()
    for said, mount in pairs {
      ["/src in the guest"] = { to = "/src", state = "mounted" },
      ["/src in the guest, read-only"] = { to = "/src", state = "mounted", readonly = true },
      ["/src in the guest: you may not write there: readonly = true"] =
        { to = "/src", state = "mounted", why = "you may not write there: readonly = true" },
      ["not at /src in the guest: no such device"] =
        { to = "/src", state = "failed", why = "no such device" },
      ["not at /src in the guest, read-only: its daemon died"] =
        { to = "/src", state = "dead", why = "its daemon died", readonly = true },
      ["not at /src in the guest: unplugging"] = { to = "/src", state = "unplugging" },
      ["to be at /src in the guest"] = { to = "/src", state = "waiting" },
      ["/home/me/src, for the guest to mount"] = { state = "by hand" },
    } do
      assert.equal("mount src: " .. said, of(mount))
    end
  end)
end)
