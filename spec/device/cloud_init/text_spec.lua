-- The texts of a seed, exactly.
local text = require "lunik.device.cloud_init.text"

local function seed(over)
  local out = { hostname = "dev", packages = {}, run = {}, mounts = {} }
  for name, value in pairs(over or {}) do out[name] = value end
  return out
end

local function made(over)
  local out = { keys = {}, files = {}, host = false }
  for name, value in pairs(over or {}) do out[name] = value end
  return out
end

describe("user-data", function()
  it("of nothing but a name", function()
    assert.equal('#cloud-config\nhostname: "dev"\n', text.user_data(seed(), made()))
  end)

  it("leaves the image its own user beside the recipe's, who may become root", function()
    assert.equal([[#cloud-config
hostname: "dev"
ssh_keys: {"ed25519_private":"-----\nsecret\n","ed25519_public":"ssh-ed25519 AAAA lunik"}
users: ["default",{"lock_passwd":true,"name":"debian","shell":"/bin/bash",]]
.. [["ssh_authorized_keys":["ssh-ed25519 BBBB"],"sudo":"ALL=(ALL) NOPASSWD:ALL"}]
]], text.user_data(seed { user = "debian" }, made { keys = { "ssh-ed25519 BBBB" },
      host = { private = "-----\nsecret\n", public = "ssh-ed25519 AAAA lunik" } }))
  end)

  it("lets root in where that is whom the recipe says", function()
    assert.equal([[#cloud-config
hostname: "dev"
users: ["default",{"name":"root","ssh_authorized_keys":["k"]}]
disable_root: false
chpasswd: {"expire":false,"users":[{"name":"root","password":"$6$s$h","type":"hash"}]}
]], text.user_data(seed { user = "root" }, made { keys = { "k" }, hash = "$6$s$h" }))
  end)

  it("gives keys and a password to the image's own user where nobody is named", function()
    assert.equal([[#cloud-config
hostname: "dev"
ssh_authorized_keys: ["k"]
password: "$6$s$h"
chpasswd: {"expire":false}
]], text.user_data(seed(), made { keys = { "k" }, hash = "$6$s$h" }))
  end)

  it("has mounts as fstab has them, packages, files and commands", function()
    assert.equal([==[#cloud-config
hostname: "dev"
mounts: [["work","/my\\040work","virtiofs","rw,nofail","0","0"],]==]
.. [==[["doc","/doc","9p","trans=virtio,ro,nofail","0","0"]]
packages: ["vim","qemu-guest-agent"]
write_files: [{"content":"a: \"b\"\n","owner":"www-data","path":"/etc/x",]==]
.. [==["permissions":"0640"},{"content":"AP8=","encoding":"b64","path":"/y"}]
runcmd: ["echo 'a' > /b",["touch","/a b"]]
]==], text.user_data(seed { packages = { "vim", "qemu-guest-agent" },
      run = { "echo 'a' > /b", { "touch", "/a b" } },
      mounts = { { tag = "work", to = "/my work", type = "virtiofs" }, { tag = "doc", to = "/doc",
        type = "9p", readonly = true, options = { "trans=virtio" } } } },
      made { files = { { path = "/etc/x", text = 'a: "b"\n', mode = "0640", owner = "www-data" },
                       { path = "/y", text = "\0\255" } } }))
  end)
end)

it("meta-data", function()
  assert.equal('instance-id: "lunik-1"\nlocal-hostname: "dev"\n', text.meta_data(seed(), "lunik-1"))
end)
