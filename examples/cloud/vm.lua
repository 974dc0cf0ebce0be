-- A cloud image, entered at once: lunik makes the guest's host key, a login key and the seed.
--
--   IMAGE=debian-13-generic-amd64.qcow2 lunik up examples/cloud/vm.lua
--   lunik ssh cloud
local image = env "IMAGE" or "debian-13-generic-amd64.qcow2"

return machine {
  name = "cloud",
  cpus = 2,
  memory = "2G",
  disk { file = image, overlay = "cloud.qcow2", size = "20G" },   -- what it writes stays there
  nic { forward = { ssh = 22, ["8080"] = 80 } },
  mount { from = ".", to = "/work" },
  cloud_init { user = "dev", hostname = "cloud", packages = { "nginx" } },
  ssh { user = "dev" },
  ready = "cloud-init",
}
