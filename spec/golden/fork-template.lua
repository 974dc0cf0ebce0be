-- A clone has the port that the recipe says, as a start by the template asks for it.
-- fork: { forward = "written", template = true }
return machine {
  name = "dev-1",
  disk { file = "debian.qcow2", overlay = true },
  nic { forward = { ["8080"] = 80 } },
  agent {},
  template { prepare = function(vm) vm:exec { "make", "deps" } end },
}
