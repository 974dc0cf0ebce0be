-- A test run in a fresh machine each time: the sources go in read-only, results come out.
--
--   lunik run examples/ci/vm.lua -- sh -c 'cp -r /src /tmp/b && make -C /tmp/b test >/results/log'
--
-- The status of `lunik run` is that of the command; 125 is lunik's own, so that a broken runner
-- is not taken for a failed test.
local guest = "../../build/guest/"

return machine {
  name = "ci" .. (env "JOB" and "-" .. env "JOB" or ""),
  cpus = math.min(4, host.cpus),
  memory = "2G",
  disk { file = env "IMAGE" or guest .. "disk.qcow2", overlay = true },
  nic { isolated = true },
  mount { from = env "SOURCES" or ".", to = "/src", readonly = true },
  mount { from = env "RESULTS" or "/tmp", to = "/results" },
  agent {},
  ready_within = "5m",      -- a guest that does not come up is no test result
}
