-- A machine whose commands can be taken back: see try.lua beside it.
--
--   lunik up examples/undo/vm.lua
local guest = "../../build/guest/"

return machine {
  name = "undo",
  memory = "512M",
  disk { file = env "IMAGE" or guest .. "disk.qcow2", overlay = true },
  mount { from = ".", to = "/work", readonly = true },    -- taken off and put back by itself
  agent {},
}
