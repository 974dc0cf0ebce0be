-- A start of this machine is a clone; what is shown is the machine that is prepared.
return machine {
  name = "dev",
  disk { file = "debian.qcow2", overlay = true },
  nic { forward = { ["8080"] = 80 } },
  agent {},
  template { ready = function(vm) return vm:exec { "true" } end,
    prepare = function(vm) vm:exec { "make", "deps" } end, keep = "12h" },
}
