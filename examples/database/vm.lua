-- A database for tests, in a machine of its own. With the small guest it is a file; IMAGE, and
-- another START, make it PostgreSQL.
--
--   lunik up examples/database/vm.lua && busted examples/database/fixture_spec.lua
local guest = "../../build/guest/"
local start = env "START" or "mkdir -p /db && echo 1 >/db/schema"

return machine {
  name = "database",
  memory = "512M",
  disk { file = env "IMAGE" or guest .. "disk.qcow2", overlay = true },
  nic { forward = { db = 5432 } },
  agent {},
  provision { start },
}
