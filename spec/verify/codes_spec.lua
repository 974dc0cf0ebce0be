-- Every kind of mistake by its code: a command line, or a recipe, that has it, and what is said,
-- word for word. A code without one fails.
local codes = require "lunik.verify.codes"
local core = require "lunik.core"
local fakehost = require "support.fakehost"
local host = require "lunik.host"
local house = require "support.house"
local lunik = require "lunik"
local scratch = require "support.scratch"
local verify = require "lunik.verify"

local QEMU = "qemu-system-x86_64"
local known = assert(host.caps(host.program(QEMU)))
local version = known:version()

local node = "-device virtio-blk-pci,drive=n -blockdev node-name=n,"

-- `host`: what a look at the host sees; `qmp`: commands in JSON.
local lines = {
  ["unknown-option"] = { "-netdv user",
    said = "netdv: unknown option 'netdv'; did you mean 'netdev'?" },
  ["removed-option"] = { "-redir tcp:2222::22",
    said = "redir: 'redir' was removed in QEMU 3.1; use -nic user,hostfwd=" },
  ["newer-option"] = { "-run-with async-teardown=on",
    said = "run-with: 'run-with' came with QEMU 8.1, and this is V" },
  ["foreign-option"] = { "-id 100",
    said = "id: 'id' is an option of Proxmox VE's own QEMU" },
  ["not-built"] = { "-g 800x600",
    said = "g: QEMU V was built without the option 'g'" },
  ["missing-value"] = { "-name",
    said = "name: 'name' takes a value" },
  ["unreadable"] = { "-device virtio-rng-pci,=x",
    said = "device: a key without a name" },
  ["unknown-key"] = { "-rtc bas=utc",
    said = "rtc: bas: no such key; did you mean 'base'?" },
  ["missing-key"] = { "-device virtio-blk-pci",
    said = "device virtio-blk-pci: virtio-blk-pci needs 'drive'" },
  ["bad-value"] = { "-device virtio-rng-pci,period=many",
    said = "device virtio-rng-pci: period: a whole number expected, got 'many'" },
  ["duplicate-key"] = { '-device {"driver":"virtio-rng-pci","period":1,"period":2}',
    said = "device virtio-rng-pci: the key 'period' stands twice in JSON" },
  ["repeated-key"] = { "-rtc base=utc,base=localtime",
    said = "rtc: base stood 2 times; QEMU takes the last" },
  ["repeated-option"] = { "-bios /srv/a.bin -bios /srv/b.bin",
    said = "bios: stands twice; QEMU takes only the last" },
  ["ignored"] = { "-chardev null,id=c,width=80 -serial chardev:c",
    said = "chardev c: width: 'null' has no such key; it belongs to vc" },
  ["deprecated"] = { "-no-hpet",
    said = "no-hpet: 'no-hpet' is deprecated: use -machine hpet=off" },
  ["unknown-device"] = { "-device virtoi-net-pci",
    said = "device virtoi-net-pci: QEMU V has no device 'virtoi-net-pci'; did you mean "
      .. "'virtio-net-pci'?" },
  ["unknown-object"] = { "-object memory-backend-men,id=m",
    said = "object m: QEMU V has no object type 'memory-backend-men'; did you mean "
      .. "'memory-backend-memfd'?" },
  ["unknown-machine"] = { "-machine q36",
    said = "machine q36: QEMU V has no machine type 'q36'; did you mean 'q35'?" },
  ["unknown-cpu"] = { "-cpu Haswel",
    said = "cpu Haswel: QEMU V has no CPU model 'Haswel'; did you mean 'Haswell'?" },
  ["unknown-property"] = { "-device virtio-rng-pci,max_bytes=1",
    said = "device virtio-rng-pci: virtio-rng-pci has no property 'max_bytes'; did you mean "
      .. "'max-bytes'?" },
  ["silent-property"] = { "-global virtio-rng-pci.perid=1",
    said = "global: virtio-rng-pci has no property 'perid'; did you mean 'period'?" },
  ["duplicate-id"] = { "-chardev null,id=c -chardev null,id=c -serial chardev:c",
    said = "chardev c: the id 'c' is used twice" },
  ["dangling-reference"] = { "-device virtio-net-pci,netdev=n0",
    said = "device virtio-net-pci: no netdev has the id 'n0'" },
  ["already-used"] = { "-netdev user,id=n -device e1000,netdev=n -device e1000,netdev=n",
    said = "device e1000: netdev 'n' is already used by e1000" },
  ["unused"] = { "-netdev user,id=n",
    said = "netdev n: id: netdev 'n' is not used by any device" },
  ["order"] = { "-device virtio-rng-pci,bus=p -device pcie-root-port,id=p -machine q35",
    said = "device virtio-rng-pci: bus 'p' is made later; put its controller first" },
  ["bus"] = { "-machine q35 -device usb-kbd",
    said = "device usb-kbd: bus: no USB controller; add -device qemu-xhci" },
  ["slot-taken"] = { "-device virtio-rng-pci,addr=3",
    said = "device virtio-rng-pci: addr: PCI slot 3 is taken by the default network card (-nic "
      .. "none leaves it out)" },
  ["hotplug"] = { "-machine q35 -device virtio-balloon-pci,id=b0",
    qmp = '[{"execute":"device_del","arguments":{"id":"b0"}}]',
    said = "device_del: id: b0 sits on pcie.0 and cannot be unplugged" },
  ["size"] = { "-m 1G,slots=2",
    said = "m: slots needs maxmem" },
  ["suspicious"] = { "-m 4",
    said = "m: size: 4 means 4 MiB; did you mean '4G'?" },
  ["exclusive"] = { "-append x",
    said = "append: 'append' needs -kernel" },
  ["format-guessed"] = { "-drive file=/srv/a.img",
    said = "drive: give format=raw or another; guessing forbids the guest to write to block 0" },
  ["not-shared"] = { "-chardev socket,id=c,path=/s -device vhost-user-fs-pci,chardev=c,tag=t",
    said = "device vhost-user-fs-pci: chardev: vhost-user-fs-pci needs the guest's memory "
      .. "shared: -object memory-backend-memfd,id=mem,size=…,share=on -machine "
      .. "memory-backend=mem" },
  ["features"] = { "-cpu EPYC,enforce -accel tcg",
    said = "cpu EPYC: EPYC lacks here: rdseed, sha-ni, fxsr-opt, misalignsse, 3dnowprefetch, "
      .. "osvw …; without 'enforce' it runs" },
  ["unknown-command"] = { "",
    qmp = '[{"execute":"device_ad"}]',
    said = "device_ad: QEMU V has no command 'device_ad'; did you mean 'device_add'?" },
  ["unknown-argument"] = { "",
    qmp = '[{"execute":"stop","arguments":{"now":true}}]',
    said = "stop: unknown argument 'now'" },
  ["missing-argument"] = { "",
    qmp = '[{"execute":"device_del"}]',
    said = "device_del: 'id' is missing" },
  ["address-missing"] = { "-gdb tcp:192.0.2.1:99",
    host = { ports = { ["tcp 192.0.2.1:99"] = "elsewhere" } },
    said = "gdb tcp: port: 192.0.2.1 is no address of this host, so nothing can listen on it" },
  ["descriptor-closed"] = { "-device e1000,netdev=n -netdev tap,id=n,fd=77",
    host = {},
    said = "netdev n: fd: descriptor 77 is not open" },
  ["device-denied"] = { "-device vfio-pci,host=0b:00.0",
    host = { cards = { ["0000:0b:00.0"] = { driver = "vfio-pci", group = "12" } },
      denied = { ["/dev/vfio/12"] = "w" } },
    said = "device vfio-pci: host: /dev/vfio/12 may not be used by dev: Permission denied" },
  ["device-driver"] = { "-device vfio-pci,host=0b:00.0",
    host = { cards = { ["0000:0b:00.0"] = { driver = "nvme" } } },
    said = "device vfio-pci: host: the PCI device '0b:00.0' is bound to nvme, not to vfio-pci" },
  ["device-missing"] = { "-device vfio-pci,host=0b:00.0",
    host = {},
    said = "device vfio-pci: no PCI device '0b:00.0' on this host" },
  ["file-kind"] = { "-serial file:/srv",
    host = {},
    said = "serial file: path: '/srv' is a directory" },
  ["file-missing"] = { "-kernel /srv/missing",
    host = {},
    said = "kernel: no such file '/srv/missing'" },
  ["file-unreadable"] = { "-kernel /srv/k.elf",
    host = { files = { ["/srv/k.elf"] = "\x7fELF\2" .. ("\0"):rep(13) .. "\x3e\0" },
      denied = { ["/srv/k.elf"] = "r" } },
    said = "kernel: '/srv/k.elf' cannot be read by dev: Permission denied" },
  ["file-unwritable"] = { "-serial file:/srv/a.log",
    host = { denied = { ["/srv/a.log"] = "w" } },
    said = "serial file: path: '/srv/a.log' cannot be written by dev: Permission denied" },
  ["firmware-large"] = { "-drive if=pflash,format=raw,readonly=on,file=/srv/a.fd",
    host = { stamps = { ["/srv/a.fd"] = { bytes = 9<<20 } } },
    said = "drive: file: '/srv/a.fd' has 9M: the firmware of a PC has at most 8M in all" },
  ["folder-missing"] = { "-pidfile /missing/p",
    host = {},
    said = "pidfile: no such directory '/missing'" },
  ["folder-unwritable"] = { "-pidfile /srv/q-missing",
    host = { denied = { ["/srv"] = "w" } },
    said = "pidfile: nothing can be made in '/srv' by dev: Permission denied" },
  ["image-base"] = { node .. "driver=qcow2,file.driver=file,file.filename=/srv/a.qcow2",
    host = { files = { ["/srv/a.qcow2"] = (">c4I4I8I4"):pack("QFI\xfb", 2, 72,
      18) .. ("\0"):rep(52) .. "base-missing.qcow2" } },
    said = "blockdev n: file.filename: the base image of a.qcow2 is missing: "
      .. "'base-missing.qcow2'" },
  ["image-empty"] = { "-drive format=raw,file=/srv/a.img",
    host = { files = { ["/srv/a.img"] = "" } },
    said = "drive: file: '/srv/a.img' is empty: the guest gets a disk of no size" },
  ["image-format"] = { "-drive format=qcow2,file=/srv/a.img",
    host = {},
    said = "drive: file: '/srv/a.img' is not a qcow2 image: it looks like 'raw'" },
  ["image-guessed"] = { "-hda /srv/a.img",
    host = {},
    said = "hda: the format of '/srv/a.img' is left to guessing by its first bytes, which a "
      .. "guest can write: say format='raw'" },
  ["image-locked"] = { "-drive format=qcow2,file=/srv/a.qcow2",
    host = { locks = { ["/srv/a.qcow2"] = { [201] = true, by = { pid = 7, name = "q",
      machine = "web" } } } },
    said = "drive: file: '/srv/a.qcow2' is in use: machine 'web' has it (pid 7)" },
  ["interface-kind"] = { "-device e1000,netdev=n -netdev tap,id=n,ifname=eth0,script=no,"
    .. "downscript=no",
    host = { links = { eth0 = {} } },
    said = "netdev n: ifname: 'eth0' is an interface, and no tap" },
  ["interface-missing"] = { "-device e1000,netdev=n -netdev bridge,id=n,br=br1",
    host = {},
    said = "netdev n: br: no bridge 'br1' on this host; did you mean 'br0'?" },
  ["interface-taken"] = { "-device e1000,netdev=n -netdev tap,id=n,ifname=tap0,script=no,"
    .. "downscript=no",
    host = { links = { tap0 = { tap = true } }, interfaces_of = { tap0 = { pid = 7, name = "q",
      machine = "web" } } },
    said = "netdev n: ifname: 'tap0' is in use: machine 'web' has it (pid 7)" },
  ["kernel-unfit"] = { "-kernel /srv/k.txt",
    host = { files = { ["/srv/k.txt"] = ("text "):rep(200) } },
    said = "kernel: '/srv/k.txt' is no kernel that a PC boots: neither a bzImage nor ELF nor "
      .. "multiboot" },
  ["kvm-unusable"] = { "-accel kvm",
    host = { kvm = function() return nil, "no /dev/kvm" end },
    said = "accel kvm: kvm does not work on this host: no /dev/kvm; 'tcg' does" },
  ["memory-scarce"] = { "-m 4G",
    host = { available_memory = 3<<30 },
    said = "m: 4G of memory, of which 3G is free on this host now" },
  ["memory-short"] = { "-m 64G",
    host = {},
    said = "m: 64G of memory, and this host has 32G" },
  ["port-denied"] = { "-gdb tcp::99",
    host = { ports = { ["tcp :99"] = "denied" } },
    said = "gdb tcp: port 99 may not be listened on by dev: those below 1024 are root's" },
  ["port-taken"] = { "-gdb tcp::1234",
    host = { ports = { ["tcp :1234"] = "taken" } },
    said = "gdb tcp: port 1234 of all addresses is in use" },
  ["port-twice"] = { "-gdb tcp::5901 -vnc :1",
    host = {},
    said = "vnc: port 5901 of all addresses is listened on twice" },
  ["program-missing"] = { "-device e1000,netdev=n -netdev tap,id=n,ifname=tap0,downscript=no",
    host = { links = { tap0 = { tap = true } }, files = { ["/etc/qemu-ifup"] = false } },
    said = "netdev n: /etc/qemu-ifup is not there, which is run where no script is said: "
      .. "script='no' runs none" },
  ["socket-long"] = { "-qmp unix:/" .. ("s"):rep(107) .. ",server=on,wait=off",
    host = {},
    said = "qmp unix: the path of a socket has 108 bytes, at most 107" },
  ["socket-silent"] = { "-chardev socket,id=c,path=/srv/d.sock -serial chardev:c",
    host = { kinds = { ["/srv/d.sock"] = "socket" } },
    said = "chardev c: path: nobody listens on '/srv/d.sock'" },
  ["smbios-long"] = { "-kernel k -initrd i -smbios type=11,value=" .. ("x"):rep(40000),
    host = { kinds = { ["/srv/k"] = "file", ["/srv/i"] = "file" } },
    said = "smbios 11: 40004 bytes of SMBIOS structures; beside an initrd there is room for "
      .. "32768: the guest would find its ACPI tables overwritten" },
  ["socket-taken"] = { "-qmp unix:/srv/q.sock,server=on,wait=off",
    host = { kinds = { ["/srv/q.sock"] = "socket" }, sockets = { ["/srv/q.sock"] = { pid = 4,
      name = "q", machine = "db" } } },
    said = "qmp unix: path: somebody listens on '/srv/q.sock' already: machine 'db' has it "
      .. "(pid 4); QEMU would take it over" },
  ["user-missing"] = { "-runas nobodyy",
    host = {},
    said = "runas: no user 'nobodyy' on this host" },
}

-- What only a recipe can have.
local recipes = {
  ["image-twice"] = { "disk { file = '/srv/a.qcow2' }, qemu.drive { id = 'd', ['if'] = 'none', "
    .. "file = '/srv/a.qcow2', format = 'qcow2' }", host = {},
    said = "qemu.drive.file: '/srv/a.qcow2' is used twice, and written: QEMU lets one disk have "
      .. "it" },
  ["unknown-field"] = { "memoy = '1G'",
    said = "machine.memoy: no such field; did you mean 'memory'?" },
  ["missing-field"] = { "disk {}", said = "disk.file: required: a path" },
  ["recipe"] = { "mount { from = '/a', tag = 't' }, mount { from = '/b', tag = 't' }",
    said = "mount.tag: 't' is already used at /home/dev/vm/vm.lua:1; give one: tag = \"…\"" },
  ["host-lacks"] = { "disk { file = 'missing.img' }", host = {},
    said = "disk.file: no such file 'missing.img'" },
  ["room-short"] = { "disk { file = '/srv/a.qcow2', overlay = 'o-missing.qcow2' }",
    host = { left = 10 << 20 },
    said = "disk.overlay: 10M is left where '/home/dev/vm/o-missing.qcow2' grows" },
}

-- What is said with the code, or without one where it is the last resort, and how grave | nil
local function find(list, code)
  local last = code == "recipe" or code == "host-lacks"
  for _, problem in ipairs(list) do
    if problem.code == code or last and not problem.code then return problem end
  end
end

local function of_line(code, case)
  local argv = { QEMU }
  for word in case[1]:gmatch "%S+" do argv[#argv + 1] = word end
  local over = case.host
  if over then over.files = over.files or {} end
  local found = find(verify(argv, { known = known, host = over and fakehost.new(over), dir = "/srv",
    path = host.program(QEMU), qmp = case.qmp and core.json.decode(case.qmp) }), code)
  return found and found.message:gsub(version:gsub("%.", "%%."), "V"), found
end

local function of_recipe(code, case)
  local dir = scratch.new()
  scratch.write(dir .. "/vm.lua", ("return machine { sandbox = false, %s }"):format(case[1]))
  local folder = "/home/dev/vm"
  local plan, problems = lunik.plan(folder .. "/vm.lua", { dir = folder, anyway = true, look = true,
    host = fakehost.new(case.host, { [folder] = dir }) })
  scratch.remove(dir)
  local found = find(plan and plan.lacks or problems, code) or plan and find(plan.warnings, code)
  return found and ("%s: %s"):format(found.path, found.why), found
end

describe("what is wrong has a code, a paragraph and its own words:", function()
  local function has(code, i)
    it(code.name, function()
      local line, recipe = lines[code.name], recipes[code.name]
      assert(line or recipe, "no case")
      local said, found = (line and of_line or of_recipe)(code.name, line or recipe)
      assert.equal((line or recipe).said, said)
      assert.equal(code.severity, found.severity or "error")
      assert.matches("^%u.*%.$", code.doc)
      assert.matches("%.$", code.mend)
      assert.equal(code, codes[code.name], i)
    end)
  end
  for i, code in ipairs(codes) do
    if code.name ~= "qemu-refuses" then has(code, i) end     -- of a trial: below
  end

  it("qemu-refuses, of a trial", function()
    local home <close> = setmetatable({ house = house.new() }, { __close = function(self)
      self.house:close()
    end })
    local path = home.house:recipe("vm",
      "return machine { accel = 'tcg', type = 'isapc', nic {} }")
    local _, text = home.house:lunik("check", "--start", "--json", path)
    local value = core.json.decode(text)
    local found = find(value.problems, "qemu-refuses")
    assert.same({ "QEMU: No 'PCI' bus found for device 'virtio-net-pci'", "error", 1 },
      { found.why, found.severity, found.line })
  end)
end)
