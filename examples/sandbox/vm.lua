-- A sandbox for a program that you do not trust: no network, one folder that it may write, ten
-- minutes.
--
--   WORK=~/task lunik run examples/sandbox/vm.lua -- sh -c 'cd /work && ./build.sh'
--
-- Everything else that it writes is gone afterwards; its exit status is yours.
local guest = "../../build/guest/"

return machine {
  name = "sandbox",
  cpus = 2,
  memory = "1G",
  disk { file = env "IMAGE" or guest .. "disk.qcow2", overlay = true },
  mount { from = env "WORK" or ".", to = "/work" },
  agent {},
  life = "10m",
  -- no nic {}: nothing to talk to; no hotplug {}: nothing can come later
}
