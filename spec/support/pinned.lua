-- What each verb prints, for pinned_spec: rows in the order in which they are run on one machine.
--   { verb, words, out = its text, err = what it says, json = the form (support.shape) of what it
--     prints with --json, lines = of each line of that, status = where it is not 0 }
-- The text of a verb that needs a guest, or has a spec of its own, is pinned there: { verb,
-- elsewhere = the spec, by = what stands in it, json_by = the same of its JSON }
local pinned = {}

pinned.RECIPE = [[return machine { name = "m", accel = "tcg", memory = "128M", cpus = 1,
  hotplug { ports = 2 }, disk { file = "root.raw" }, nic { forward = { ssh = 22 } },
  cdrom {}, ready = "qmp", console {}, qemu.vga { "std" }, stop = { powerdown = 0.1 } }]]

local UP = [[
m: /usr/bin/qemu-system-x86_N started (pid N)
m: ready after N s
m: forward ssh: tcp N:N to port N of the guest
m: up
]]
local DOWN = [[
m: asking the guest to power off
m: telling QEMU to quit
m: stopped without the guest: it did not power off in time
]]

local STATUS = "{began number, %sdevices [{family, id, label, state}], facts {agent "
  .. "boolean, dir, memory number, memory_limit number, name, ports number, ssh "
  .. "boolean}, forwards [{address, guest number, name, port number, protocol}], helpers {}, id, "
  .. "logs, %smemory {configured number, resident number}, mounts {}, name, qemu {pid number}, "
  .. "ready boolean, recipe, state, supervisor {adopted boolean, pid number}, uptime number, "
  .. "version}"
local NOW = STATUS:format("cpus number, ", "lunik number, ")
-- how many CPUs there are is counted a moment later
local STARTED = { "{kind, lunik number, machine, text}", "{kind, lunik number, machine, status "
                  .. STATUS:format("", "lunik number, ") .. "}" }

pinned.rows = {
  { "check", { "m.lua" }, out = [[
m.lua: m is fine
  net0: the guest reaches this host's loopback services through N (isolated = true prevents it)
]], json = "{lunik number, ok boolean, problems {}}" },
  { "argv", { "m.lua" }, elsewhere = "spec/plan/golden_spec.lua", by = "argv",
    json = "{argv [string], lunik number}" },
  { "plan", { "m.lua" }, elsewhere = "spec/plan/golden_spec.lua", by = ".plan",
    json = "{argv [string], descriptors [{kind, name, path} | {kind, name, size number}], files {}"
      .. ", forwards [{address, guest number, name, netdev, port number, protocol}], full [string]"
      .. ", helpers {}, lunik number, mounts {}, name, notes [string], qmp {}, runtime, state}" },
  { "explain", { "short.lua" }, elsewhere = "spec/cli/explain_spec.lua", by = "explain",
    json_keys = "lunik words" },
  { "import", { "start.sh" }, out = [[
-- imported from start.sh, line N
return machine {
  defaults = false,
  arch = "x86_N",
  memory = "N",

  qemu.nodefaults {},
}
]], json = "{argv [string], counts {family number, qemu number, raw number}, lunik number, notes "
      .. "[string], recipe}" },
  { "up", { "m.lua" }, err = UP },
  { "ls", {}, out = [[
NAME  STATE  UPTIME  MEMORY  FORWARDS  RECIPE
m  ready  Ns  N/N  ssh:N->N  HOME/m.lua
]], json = "{lunik number, machines [" .. STATUS:format("cpus number, ", "") .. "]}" },
  { "status", { "m" }, out = [[
m
  state  running
  ready  yes
  uptime  Ns
  cpus  N
  memory  N of N in use
  forwards  ssh: tcp N:N to port N of the guest
  devices  root (disk), fixed
  net0 (nic), fixed
  cdrom-N (cdrom), fixed
  qemu  pid N
  supervisor  pid N
  recipe  HOME/m.lua
  logs  HOME/state/lunik/m
]], json = NOW },
  { "top", { "-n", "1" }, out = [[
NAME  STATE  CPU  MEMORY  READ/S  WRITE/S  IN/S  OUT/S
m  ready  N%  N/N  N  N  -  -
]], json = "{at number, lunik number, machines [{cpu number, cpus number, disk {read number, "
      .. "written number}, memory {configured number, proportional number, resident number}, name, "
      .. "state, uptime number}]}" },
  { "wait", { "m", "--for", "ready" }, json = "{lunik number, name, ready boolean}" },
  { "ssh-config", { "m" }, status = 1, err = [[
lunik ssh-config: the machine has no ssh {}
]] },
  { "slots", { "m" }, out = [[
PORT  STATE  WHAT  NAME  ID
hotplug0  free  -  -  -
hotplug1  free  -  -  -
-  fixed  disk  root  root
-  fixed  nic  net0  net0
-  fixed  cdrom  cdrom-N  cdrom-N
]], json = "{lunik number, name, slots [{boot boolean, port, state} | {boot boolean, family, id, "
      .. "label, state}]}" },
  { "mounts", { "m" }, err = "m: no mounts; lunik mount m DIRECTORY makes one\n",
    json = "{lunik number, mounts {}, name}" },
  { "forward", { "m" }, out = "forward ssh: tcp N:N to port N of the guest\n",
    json = "{forwards [{address, guest number, name, port number, protocol}], lunik number, "
      .. "name}" },
  { "cdrom", { "m", "a.iso" }, out = "cdrom-N: HOME/a.iso\n",
    json = "{cdrom [{file, id, locked boolean, open boolean}], lunik number, name}" },
  { "plug", { "m", "device", "driver=virtio-rng-pci" }, out = "device-p1\n",
    json = "{device {family, id, label, port}, lunik number, name}" },
  { "unplug", { "m", "root" }, status = 1,
    err = "lunik unplug: 'root' (disk) is of the machine's start and in no port: it stays as long "
      .. "as the machine runs\n" },
  { "logs", { "m", "-n", "1", "--source", "supervisor" }, out = "N-N-N N:N:N ready after N s\n",
    lines = { "{line, lunik number, machine, name, source}" } },
  { "events", { "m", "-e", "LUNIK_READY" }, out = "N:N:N LUNIK_READY\n",
    lines = { "{data {}, event, lunik number, timestamp {microseconds number, seconds number}}" } },
  { "qmp", { "m", "query-kvm" }, out = [[
{
  "enabled": false,
  "present": true
}
]],
    json = "{lunik number, name, return {enabled boolean, present boolean}}" },
  { "apply", { "m" }, err = "m: it is what its recipe says\n",
    json = "{applied boolean, changes {}, lunik number, name}" },
  { "provision", elsewhere = "spec/e2e/provision_spec.lua", by = "p: nothing to do",
    json_by = '"provision", "p", "--again", "--json"' },
  { "pause", { "m" } }, { "resume", { "m" } }, { "reset", { "m" } }, { "nmi", { "m" } },
  { "powerdown", { "m" } }, { "screenshot", { "m", "x.ppm" } }, { "sendkey", { "m", "a" } },
  { "adopt", { "m" }, status = 1, err = "lunik adopt: machine 'm' has a supervisor\n" },
  { "restart", { "m" }, err = DOWN .. UP, lines = STARTED },
  { "down", { "m" }, status = 6, err = DOWN .. [[
lunik down: m: stopped without the guest: it did not power off in time
]] },
  { "up", { "m.lua" }, lines = STARTED },
  { "down", { "m", "--force" }, err = [[
m: telling QEMU to quit
m: stopped without the guest, as told
]] },
  { "ls", { "-a" }, out = [[
NAME  STATE  UPTIME  MEMORY  FORWARDS  RECIPE
m  down  -  -  -  HOME/m.lua
]], json = "{lunik number, machines [{ended {at number, code number, kind, lines {}, status "
      .. "number, text}, name, recipe, state}]}" },
  { "rm", { "m" }, err = "m: removed\n" },
  { "version", {}, elsewhere = "spec/supervisor/older_spec.lua", by = '"version"',
    json_keys = "extensions kvm lua lunik qemu version virtiofsd" },
  { "doctor", {}, elsewhere = "spec/cli/doctor_spec.lua", by = "doctor",
    json_keys = "findings lunik ok" },
  { "types", { "--to", "t" }, elsewhere = "spec/cli/types_spec.lua", by = "wrote ",
    json_keys = "devices folder lunik objects qemu written" },
  { "rm", elsewhere = "spec/supervisor/rm_spec.lua", by = '"rm"', json_by = '"--json", "one"' },
  { "init", elsewhere = "spec/cli/first_spec.lua", by = '"init"',
    json_by = 'home:json("init", "sub", "--json")' },
  { "show", elsewhere = "spec/cli/saved_spec.lua", by = '"show", "dev.saved"',
    json_by = '"show", "--json", "dev.saved"' },
  { "save", elsewhere = "spec/e2e/save_spec.lua", by = "m: saved in %s",
    json_by = '"save", "--json"' },
  { "restore", elsewhere = "spec/e2e/save_spec.lua", by = '"restore", "m.saved"',
    json_by = '"restore", "--json"' },
  { "fork", elsewhere = "spec/e2e/fork_spec.lua", by = ": forked after ",
    json_by = '"auto", "--json"' },
  { "templates", elsewhere = "spec/e2e/template_spec.lua", by = 'home:does "templates"',
    json_by = '"templates", "--json"' },
  { "pool", elsewhere = "spec/e2e/pool_spec.lua", by = "web: 2 clones stand ready, in ",
    json_by = '"pool", "m.saved", "--warm", "1", "--json"' },
  { "pools", elsewhere = "spec/e2e/pool_spec.lua", by = "web   0/2    3        3    1",
    json_by = '"pools", "--json"' },
  { "claim", elsewhere = "spec/e2e/pool_spec.lua", by = '"claim", "m", "--", "sh"',
    json_by = '"claim", "m", "--json"' },
  { "lock", elsewhere = "spec/cli/lock_spec.lua", by = '"lock"', json_by = '"lock", "--json"' },
  { "submit", elsewhere = "spec/e2e/submit_spec.lua", by = "local:dev-1_1: done: a b",
    json_by = '"submit", "--json"' },
  { "jobs", elsewhere = "spec/cli/fleet_spec.lua", by = "1 queued, 1 running",
    json_by = '"jobs", "--json"' },
  { "exec", elsewhere = "spec/e2e/exec_spec.lua", by = '"exec", name',
    json_by = '"exec", "--json", name' },
  { "mount", elsewhere = "spec/e2e/mount_spec.lua", by = '"mount", "dev"',
    json_from = "spec/e2e/exec_spec.lua", json_by = '"mount", name, folder, "--json"' },
  { "unmount", elsewhere = "spec/e2e/mount_spec.lua", by = '"unmount", "dev", "busy"' },
  { "console", elsewhere = "spec/e2e/up_spec.lua", by = '"console"' },
  { "ssh", elsewhere = "spec/e2e/up_spec.lua", by = '"ssh", "dev", "whoami;"' },
  { "shell", elsewhere = "spec/e2e/terminal_spec.lua", by = '"shell", "m"' },
  { "cp", elsewhere = "spec/e2e/copy_spec.lua", by = '"lunik cp: "',
    json_from = "spec/e2e/lent_spec.lua", json_by = '"cp", "--json", "large"' },
  { "unit", elsewhere = "spec/e2e/up_spec.lua", by = '"unit"' },
  { "run", elsewhere = "spec/e2e/run_spec.lua", by = '"run"' },
  { "report", elsewhere = "spec/e2e/report_spec.lua", by = '"report", "rep"',
    json_by = '"report", "rep", "-o", "folder", "--json"' },
  { "help", elsewhere = "spec/cli/cli_spec.lua", by = '"help"' },
  { "completion", elsewhere = "spec/cli/completion_spec.lua", by = '"completion"' },
}

return pinned
