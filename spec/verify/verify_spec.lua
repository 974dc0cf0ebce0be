-- SPDX-License-Identifier: MIT
-- Command lines held against the QEMU of this host: what is said of each kind of mistake, in full,
-- and that nothing is said of what QEMU takes.
local codes = require "lunik.verify.codes"
local core = require "lunik.core"
local host = require "lunik.host"
local run = require "support.run"
local scratch = require "support.scratch"
local unistd = require "posix.unistd"
local verify = require "lunik.verify"

local QEMU = "qemu-system-x86_64"
local known = assert(host.caps(host.program(QEMU)))
local version = known:version()

local function words_of(text)
  local argv = { QEMU }
  for word in text:gmatch "%S+" do argv[#argv + 1] = (word:gsub("\1", " ")) end
  return argv
end

local function problems_of(text, qmp)
  return verify(words_of(text), { known = known, qmp = qmp })
end

-- What is said of a line: "error code field: message" each.
local function said(text, qmp)
  local lines = {}
  for i, problem in ipairs(problems_of(text, qmp)) do
    lines[i] = ("%s [%s] %s"):format(problem.severity == "warning" and "warning" or "error",
      problem.code, problem.message):gsub(version:gsub("%.", "%%."), "V")
  end
  return table.concat(lines, "\n")
end

-- Each option of a line with what is said of it.
local cases = {
  { "-netdv user,id=n0", "error [unknown-option] netdv: unknown option 'netdv'; did you mean "
    .. "'netdev'?" },
  { "-enable_kvm", "error [unknown-option] enable-kvm: unknown option 'enable_kvm'; did you mean "
    .. "'enable-kvm'?" },
  { "-redir tcp:2222::22", "error [removed-option] redir: 'redir' was removed in QEMU 3.1; use "
    .. "-nic user,hostfwd=" },
  { "-name", "error [missing-value] name: 'name' takes a value" },
  { "-m 1G -rtc bas=utc", "error [unknown-key] rtc: bas: no such key; did you mean 'base'?" },
  { "-netdev user", "error [missing-key] netdev user: id is missing: an id: a letter, then "
    .. "letters, digits, '-', '.', '_'" },
  { "-device virtio-blk-pci", "error [missing-key] device virtio-blk-pci: virtio-blk-pci needs "
    .. "'drive'" },
  { "-device virtoi-net-pci", "error [unknown-device] device virtoi-net-pci: QEMU V has no "
    .. "device 'virtoi-net-pci'; did you mean 'virtio-net-pci'?" },
  { "-device pci-device", "error [unknown-device] device pci-device: 'pci-device' is "
    .. "abstract: no device can be made of it" },
  { "-device virtio-rng-pci,max_bytes=1", "error [unknown-property] device virtio-rng-pci: "
    .. "virtio-rng-pci has no property 'max_bytes'; did you mean 'max-bytes'?" },
  { "-device virtio-rng-pci,period=many", "error [bad-value] device virtio-rng-pci: period: a "
    .. "whole "
    .. "number expected, got 'many'" },
  { "-device virtio-rng-pci,period=-1", "error [bad-value] device virtio-rng-pci: period: -1 is "
    .. "out of range: 0 to 4294967295" },
  { "-device virtio-rng-pci,disable-legacy=yes", "error [bad-value] device virtio-rng-pci: "
    .. "disable-legacy: 'yes' is none of on, off, auto; did you mean 'on'?" },
  { '-device {"driver":"virtio-rng-pci","period":"1"}', "error [bad-value] device virtio-rng-pci: "
    .. "period: a JSON number expected, got a string, did you mean '1' without quotes?" },
  { '-device {"driver":"virtio-rng-pci","period":1,"period":2}', "error [duplicate-key] device "
    .. "virtio-rng-pci: the key 'period' stands twice in JSON" },
  { "-object memory-backend-ram,id=m0,size=64M,policy=bindd", "error [bad-value] object m0: "
    .. "policy: one of default, preferred, bind, interleave expected, got 'bindd'; did you mean "
    .. "'bind'?" },
  { "-machine q36", "error [unknown-machine] machine q36: QEMU V has no machine type 'q36'; "
    .. "did you mean 'q35'?" },
  { "-machine q35,smm", "error [bad-value] machine q35: 'smm' needs a value; did you mean "
    .. "'smm=on'?" },
  { "-cpu Haswel", "error [unknown-cpu] cpu Haswel: QEMU V has no CPU model 'Haswel'; did "
    .. "you mean 'Haswell'?" },
  { "-cpu qemu64,+sve3", "error [unknown-property] cpu qemu64: no CPU feature 'sve3'; did you mean "
    .. "'sse3'?" },
  { "-blockdev driver=null-co,node-name=a,siz=1", "error [unknown-key] blockdev a: null-co has no "
    .. "key 'siz'; did you mean 'size'?\nwarning [unused] blockdev a: node-name: blockdev 'a' is "
    .. "not used by any device" },
  { "-blockdev driver=null-co", "error [missing-key] blockdev null-co: 'node-name' must be given" },
  { "-device virtio-net-pci,netdev=n0", "error [dangling-reference] device virtio-net-pci: no "
    .. "netdev "
    .. "has the id 'n0'" },
  { "-chardev null,id=c -chardev null,id=c -serial chardev:c", "error [duplicate-id] chardev "
    .. "c: the id 'c' is used "
    .. "twice" },
  { "-machine q35 -device usb-kbd", "error [bus] device usb-kbd: bus: no USB controller; add "
    .. "-device qemu-xhci" },
  { "-device virtio-rng-pci,bus=s.0 -device virtio-scsi-pci,id=s", "error [bus] device "
    .. "virtio-rng-pci: virtio-rng-pci needs a PCI bus, but 's.0' is SCSI" },
  { "-device pci-bridge,id=b,chassis_nr=1,addr=4 -device virtio-rng-pci,addr=4", "error "
    .. "[slot-taken] "
    .. "device virtio-rng-pci: addr: PCI slot 4.0 is taken by pci-bridge" },
  { "-device virtio-rng-pci,addr=3", "error [slot-taken] device virtio-rng-pci: addr: PCI slot 3 "
    .. "is taken by the default network card (-nic none leaves it out)" },
  { "-smp 4,sockets=1,cores=8,threads=1,maxcpus=4", "error [size] smp: sockets(1)*cores(8)"
    .. "*threads(1) = 8 must equal maxcpus (4)" },
  { "-m 1G,slots=2", "error [size] m: slots needs maxmem" },
  { "-m 4", "warning [suspicious] m: size: 4 means 4 MiB; did you mean '4G'?" },
  { "-accel tcg -machine q35,accel=tcg", "error [exclusive] machine q35: QEMU takes no "
    .. "-accel beside it" },
  { "-enable-kvm -accel tcg", "error [exclusive] enable-kvm: QEMU takes no -accel beside it" },
  { "-append x", "error [exclusive] append: 'append' needs -kernel" },
  { "-fw_cfg name=opt/a", "error [exclusive] fw_cfg: exactly one of file, string and gen_id "
    .. "is needed, and there is none" },
  { "-netdev user,id=n -device e1000,netdev=n,mac=52:54:0:1:2:3", "error [bad-value] device e1000: "
    .. "mac: an address such as 52:54:00:12:34:56 expected, got '52:54:0:1:2:3'" },
  { "-vnc 1", "error [bad-value] vnc: vnc: '1' is no display; did you mean ':1'?" },
  { "-netdev user,id=n,hostfwd=tcp:2222-:22 -device e1000,netdev=n", "error [bad-value] netdev n: "
    .. "hostfwd: 'tcp:2222-:22' lacks the host's address; did you mean 'tcp::2222-:22'?" },
  { "-global virtio-rng-pci.perid=1", "warning [silent-property] global: virtio-rng-pci has no "
    .. "property 'perid'; did you mean 'period'?" },
}

describe("a mistake on a command line", function()
  for _, case in ipairs(cases) do
    it("is told: " .. case[1], function()
      assert.equal(case[2], said(case[1]))
    end)
  end

  it("is told with all others at once, in the order of the line, with its field", function()
    local list = problems_of "-rtc bas=utc -netdv x -device virtio-rng-pci,perod=1"
    local fields = {}
    for i, problem in ipairs(list) do
      fields[i] = problem.field .. " " .. tostring(problem.suggestion)
    end
    assert.same({ "rtc.bas base", "netdv netdev", "device.perod period" }, fields)
  end)

  it("is no word of a -readconfig's that cannot be read", function()
    assert.equal("", said "-readconfig x.cfg -device virtio-net-pci,netdev=n0")
  end)

  it("has a code that is explained", function()
    for i, code in ipairs(codes) do
      assert.equal(code, codes[code.name])
      assert.matches("%.$", code.doc)
      assert.is_true(code.severity == "error" or code.severity == "warning", i)
    end
  end)
end)

describe("a mistake as people make it", function()
  for _, case in ipairs(require "spec.verify.mistakes") do
    local text, field, suggestion = table.unpack(case)
    it("is an error of " .. field .. ": " .. text, function()
      local found = problems_of("-nodefaults -display none " .. text)
      for _, problem in ipairs(found) do
        if problem.severity == "error" and problem.field == field
          and (not suggestion or problem.suggestion == suggestion) then
          return
        end
      end
      assert.equal(field .. " " .. tostring(suggestion), said(text))
    end)
  end
end)

describe("a command line that QEMU has taken", function()
  for _, text in ipairs(require "spec.verify.accepted") do
    it("has no error: " .. text, function()
      for _, problem in ipairs(problems_of(text)) do
        assert.not_equal("error", problem.severity, problem.message)
      end
    end)
  end
end)

describe("a file of -readconfig", function()
  -- What is said of a command line, with the file's text.
  local function told(text, line)
    local list = verify(words_of("-readconfig a.cfg " .. (line or "")), { known = known,
      read = function(path) return path == "a.cfg" and text or nil end })
    for i, problem in ipairs(list) do
      list[i] = ("[%s] %s: %s"):format(problem.code, problem.field, problem.message):gsub(
        version:gsub("%.", "%%."), "V")
    end
    return table.concat(list, "\n")
  end

  local network = '[netdev "n0"]\n  type = "user"\n[device "net"]\n  driver = "e1000"\n'

  it("defines what the line refers to, and refers to what the line defines", function()
    assert.equal("", told('[netdev "n0"]\n  type = "user"\n', "-device e1000,netdev=n0"))
    assert.equal("", told(network .. '  netdev = "n1"\n',
      "-netdev user,id=n1 -device virtio-net-pci,netdev=n0"))
  end)

  for text, wanted in pairs {
    [network .. '  netdev = "n1"\n'] = "[unused] netdev.id: a.cfg:1: netdev n0: id: netdev 'n0' "
      .. "is not used by any device\n[dangling-reference] device.netdev: a.cfg:3: device net: no "
      .. "netdev has the id 'n1'; did you mean 'n0'?",
    [network .. '  netdev = "n0"\n  macc = "x"\n'] = "[unknown-property] device.macc: a.cfg:3: "
      .. "device net: e1000 has no property 'macc'; did you mean 'mac'?",
    ['[machine]\n  type = "q36"\n'] = "[unknown-machine] machine.type: a.cfg:1: machine q36: QEMU "
      .. "V has no machine type 'q36'; did you mean 'q35'?",
    ['# as QEMU wrote it\n\n[memory]\n  size = "4"\n'] = "[suspicious] m.size: a.cfg:3: m: size: "
      .. "4 means 4 MiB; did you mean '4G'?",
    ['[boot]\n  order = "d"\n'] = "[unknown-option] readconfig.boot: a.cfg:1: readconfig: no "
      .. "section 'boot'; did you mean 'boot-opts'?",
    ['[blockdev "d"]\n  driver = "null-co"\n'] = "[unknown-option] readconfig.blockdev: a.cfg:1: "
      .. "readconfig: 'blockdev' is an option that no section stands for: write it on the command "
      .. "line",
    ['[devise "d"]\n'] = "[unknown-option] readconfig.devise: a.cfg:1: readconfig: no section "
      .. "'devise'; did you mean 'device'?",
    ['[name]\n  guest="web"\n'] = "[bad-value] readconfig.guest: a.cfg:2: readconfig: a value "
      .. "stands in double quotes, with a space before the '=': guest = \"web\"",
    ['guest = "web"\n'] = "[unreadable] readconfig: a.cfg:1: readconfig: no section begins before "
      .. "it",
    ["[name]\n \n"] = "[unreadable] readconfig: a.cfg:2: readconfig: ' ' is neither a section nor "
      .. "a key with its value",
  } do
    it("is held against QEMU with its lines: " .. text:gsub("\n", " | "), function()
      assert.equal(wanted, told(text))
    end)
  end

  it("tells each wrong property of each device, in the order of the file", function()
    local one = '[device "%s"]\n  driver = "virtio-rng-pci"\n  perod = "1"\n'
    local _, count = told(one:format "a" .. one:format "b"):gsub("a.cfg:%d: device [ab]", "")
    assert.equal(2, count)
  end)

  it("that cannot be understood may define what is referred to", function()
    assert.equal("[unknown-option] readconfig.boot: a.cfg:1: readconfig: no section 'boot'; did "
      .. "you mean 'boot-opts'?", told("[boot]\n", "-device e1000,netdev=n0"))
  end)

  it("is taken as QEMU takes it", function()
    for _, text in ipairs { network .. '  netdev = "n0"\n',
      '[machine]\n  type = "q35"\n  smp.cpus = "2"\n', '[memory]\n size = "64M" # none\n',
      '[object "m0"]\n  qom-type = "memory-backend-ram"\n  size = "64M"\n',
      '[boot-opts]\n  order = "d"\n[smp-opts]\n  cpus = "2"\n[accel]\n  accel = "tcg"\n',
      '[global]\n  driver = "e1000"\n  property = "mac"\n  value = "52:54:00:00:00:01"\n',
      '[chardev "c"]\n  backend = "null"\n[mon "m"]\n  chardev = "c"\n  mode = "control"\n',
      '[drive "d"]\n  file = "null-co://"\n  format = "raw"\n[rtc]\n  base = "localtime"\n' } do
      assert.equal("", told(text), text)
      local name = os.tmpname()
      scratch.write(name, text)
      local reader, writer = unistd.pipe()
      unistd.write(writer, "quit\n")
      unistd.close(writer)
      local answer, how, status = run.output { argv = { host.program(QEMU), "-S", "-display",
        "none", "-nodefaults", "-readconfig", name, "-monitor", "stdio" }, env = {},
        fds = { [0] = reader } }
      unistd.close(reader)
      os.remove(name)
      assert.same({ "exited", 0 }, { how, status }, text)
      assert.matches("%(qemu%)", answer)
    end
  end)
end)

describe("a QMP command", function()
  local line = "-machine q35 -m 256M,slots=2,maxmem=1G -device pcie-root-port,id=rp0,chassis=1 "
    .. "-device virtio-balloon-pci,id=b0"

  local function answer(json) return said(line, core.json.decode(json)) end

  it("is held against the schema", function()
    assert.equal("error [unknown-command] device_ad: QEMU V has no command 'device_ad'; did "
    .. "you mean "
      .. "'device_add'?", answer '[{"execute":"device_ad"}]')
    assert.equal("error [unknown-argument] device_del: unknown argument 'name'; there are: id\n"
      .. "error [missing-argument] device_del: 'id' is missing",
      (answer '[{"execute":"device_del","arguments":{"name":"x"}}]'
        :gsub("did you mean 'id'%?", "there are: id")))
    assert.equal("error [bad-value] set_link: up: boolean expected, got 'yes'",
      answer '[{"execute":"set_link","arguments":{"name":"rp0","up":"yes"}}]')
  end)

  it("is held against the machine", function()
    assert.equal("error [hotplug] device_add: bus: cannot hotplug into pcie.0; use a free "
      .. "pcie-root-port; did you mean 'rp0'?",
      answer '[{"execute":"device_add","arguments":{"driver":"virtio-rng-pci","id":"r"}}]')
    assert.equal("error [hotplug] device_del: id: b0 sits on pcie.0 and cannot be unplugged",
      answer '[{"execute":"device_del","arguments":{"id":"b0"}}]')
    assert.equal("error [dangling-reference] netdev_del: id: no netdev 'n9'",
      answer '[{"execute":"netdev_del","arguments":{"id":"n9"}}]')
    assert.equal("error [slot-taken] device_add: bus: slot rp0 is taken by r",
      answer [=[[{"execute":"device_add","arguments":{"driver":"virtio-rng-pci","id":"r",
        "bus":"rp0"}},{"execute":"device_add","arguments":{"driver":"virtio-rng-pci","id":"s",
        "bus":"rp0"}}]]=])
  end)

  it("that is right is right", function()
    assert.equal("", answer [=[[{"execute":"object-add","arguments":{"qom-type":
      "memory-backend-ram","id":"m","size":268435456}},{"execute":"device_add","arguments":
      {"driver":"pc-dimm","id":"d","memdev":"m"}},{"execute":"device_add","arguments":{"driver":
      "virtio-rng-pci","id":"r","bus":"rp0"}},{"execute":"query-status"}]]=])
  end)
end)

describe("what QEMU takes", function()
  for _, line in ipairs {
    "", "-nodefaults -display none", "disk.img", "-M q35 -m 1G,slots=2,maxmem=4G -smp 2,maxcpus=4",
    "-machine pc,usb=on -device usb-mouse,bus=usb-bus.0",
    "-netdev user,id=n0,hostfwd=tcp:127.0.0.1:0-:22 -device virtio-net-pci,netdev=n0",
    "-device virtio-scsi-pci,id=s -drive if=none,id=d,file=x,format=raw -device scsi-hd,drive=d,"
      .. "bus=s.0",
    "-blockdev driver=file,node-name=f,filename=x -blockdev driver=qcow2,node-name=q,file=f "
    .. "-device "
      .. "virtio-blk-pci,drive=q",
    "-chardev socket,id=m,path=/tmp/x,server,nowait -mon m", "-device "
    .. "e1000,addr=5.0,multifunction=on "
      .. "-device e1000,addr=5.1", "--nodefaults -k de -vga std -serial mon:stdio",
    "-object rng-random,id=r,filename=/dev/urandom -device virtio-rng-pci,rng=r,addr=0x1e",
    "-cpu max,-svm,vmx=off,+aes", "-name guest=a,debug-threads=on -uuid "
      .. "67d86208-b46c-4465-9018-e14187d40101",
  } do
    it("is not found fault with: " .. line, function() assert.equal("", said(line)) end)
  end

  it("is not found fault with, whatever our rows say of it", function()
    local listed = setmetatable({ section = function(_, kind, name)
      if kind == "option" and name == "brand-new" then return {} end
      return known:section(kind, name)
    end }, { __index = function(_, key)
      local value = known[key]
      return type(value) == "function" and function(_, ...) return value(known, ...) end or value
    end })
    assert.same({}, verify({ QEMU, "-brand-new", "x" }, { known = listed }))
  end)
end)
