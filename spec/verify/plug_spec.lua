-- SPDX-License-Identifier: MIT
-- QMP commands held against the machine of a command line: what QEMU 7.2 has refused is an error
-- that names the argument; what it has taken is none.
local core = require "lunik.core"
local host = require "lunik.host"
local verify = require "lunik.verify"

local QEMU = "qemu-system-x86_64"
local known = assert(host.caps(host.program(QEMU)))

local MACHINE = [[-nodefaults -display none -machine q35 -cpu qemu64 -m 256M,slots=2,maxmem=1G
  -smp 1,maxcpus=2 -device pcie-root-port,id=rp0,chassis=1 -device pcie-root-port,id=rp1,chassis=2
  -device virtio-scsi-pci,id=s0 -device qemu-xhci,id=x0 -device virtio-serial-pci,id=vs0
  -netdev user,id=n0 -chardev null,id=c0 -blockdev null-co,node-name=b0 -object iothread,id=t0
  -device virtio-blk-pci,drive=b0,id=vd0]]

-- What a machine of a few more options is told of commands.
local function problems_of(more, commands)
  local argv = { QEMU }
  for word in (MACHINE .. " " .. more):gmatch "%S+" do argv[#argv + 1] = word end
  return verify(argv, { known = known, qmp = assert(core.json.decode("[" .. commands .. "]")) })
end

-- { the command, the field, what was meant | nil }
local wrong = {
  { [[{"execute":"device_add","arguments":{"driver":"virtio-net-pc","bus":"rp0"}}]],
    "device_add.driver", "virtio-net-pci" },
  { [[{"execute":"device_add","arguments":{"driver":"virtio-net-pci","bus":"rp9"}}]],
    "device_add.bus" },
  { [[{"execute":"device_add","arguments":{"driver":"virtio-net-pci","bus":"rp0","netdev":"n1"}}]],
    "device_add.netdev", "n0" },
  { [[{"execute":"device_add","arguments":{"driver":"virtio-net-pci","bus":"rp0","id":"vd0"}}]],
    "device_add.id" },
  { [[{"execute":"device_add","arguments":{"driver":"virtio-net-pci","bus":"rp0","id":"1x"}}]],
    "device_add.id" },
  { [[{"execute":"device_add","arguments":{"driver":"virtio-net-pci","bus":"rp0","mac":"52:54"}}]],
    "device_add.mac" },
  { [[{"execute":"device_add","arguments":{"driver":"virtio-blk-pci","bus":"rp0"}}]],
    "device_add.drive" },
  { [[{"execute":"device_add","arguments":{"driver":"virtio-blk-pci","bus":"rp0","drive":"b1"}}]],
    "device_add.drive", "b0" },
  { [[{"execute":"device_add","arguments":{"driver":"virtio-blk-pci","bus":"rp0","drive":"b0"}}]],
    "device_add.drive" },
  { [[{"execute":"device_add","arguments":{"driver":"isa-serial","chardev":"c0"}}]],
    "device_add.driver" },
  { [[{"execute":"device_add","arguments":{"driver":"VGA","bus":"rp0"}}]],
    "device_add.driver" },
  { [[{"execute":"device_add","arguments":{"driver":"scsi-hd","drive":"b0","bus":"s1.0"}}]],
    "device_add.bus", "s0.0" },
  { [[{"execute":"device_add","arguments":{"driver":"usb-kbd","bus":"x0.1"}}]],
    "device_add.bus", "x0.0" },
  { [[{"execute":"device_add","arguments":{"driver":"usb-kbdd","bus":"x0.0"}}]],
    "device_add.driver", "usb-kbd" },
  { [[{"execute":"device_add",]]
    .. [["arguments":{"driver":"virtserialport","bus":"vs0.0","chardev":"c1"}}]],
    "device_add.chardev", "c0" },
  { [[{"execute":"device_add",]]
    .. [["arguments":{"driver":"virtserialport","bus":"vs0.0","chardev":"c0","nr":99}}]],
    "device_add.nr" },
  { [[{"execute":"device_add","arguments":{"driver":"pc-dimm","id":"d0","memdev":"m0"}}]],
    "device_add.memdev" },
  { [[{"execute":"device_add","arguments":{"driver":"pc-dimm","id":"d0"}}]],
    "device_add.memdev" },
  { [[{"execute":"device_del","arguments":{"id":"vd1"}}]],
    "device_del.id", "vd0" },
  { [[{"execute":"device_del","arguments":{}}]],
    "device_del.id" },
  { [[{"execute":"device_del","arguments":{"id":"vd0","force":true}}]],
    "device_del.force" },
  { [[{"execute":"netdev_add","arguments":{"type":"usr","id":"n2"}}]],
    "netdev_add.type", "user" },
  { [[{"execute":"netdev_add","arguments":{"type":"user","id":"n0"}}]],
    "netdev_add.id" },
  { [[{"execute":"netdev_add","arguments":{"type":"user"}}]],
    "netdev_add.id" },
  { [[{"execute":"netdev_add","arguments":{"type":"user","id":"n2","hostfwd":"tcp::2222-:22"}}]],
    "netdev_add.hostfwd" },
  { [[{"execute":"netdev_del","arguments":{"id":"nn"}}]],
    "netdev_del.id", "n0" },
  { [[{"execute":"object-add","arguments":{"qom-type":"iothred","id":"t1"}}]],
    "object-add.qom-type", "iothread" },
  { [[{"execute":"object-add","arguments":{"qom-type":"memory-backend-ram","id":"m0"}}]],
    "object-add.size" },
  { [[{"execute":"object-add",]]
    .. [["arguments":{"qom-type":"memory-backend-ram","id":"m0","size":"64M"}}]],
    "object-add.size" },
  { [[{"execute":"object-del","arguments":{"id":"t9"}}]],
    "object-del.id", "t0" },
  { [[{"execute":"object-del","arguments":{"id":"m5"}}]],
    "object-del.id" },
  { [[{"execute":"blockdev-add","arguments":{"driver":"null-co","node-name":"b0"}}]],
    "blockdev-add.node-name" },
  { [[{"execute":"blockdev-add","arguments":{"driver":"nul-co","node-name":"b2"}}]],
    "blockdev-add.driver", "null-co" },
  { [[{"execute":"blockdev-add","arguments":{"driver":"file","node-name":"b2"}}]],
    "blockdev-add.filename" },
  { [[{"execute":"blockdev-add","arguments":{"driver":"qcow2","node-name":"b2","file":"bb"}}]],
    "blockdev-add.file", "b0" },
  { [[{"execute":"blockdev-add","arguments":{"driver":"null-co","node-name":"b2","sizee":1}}]],
    "blockdev-add.sizee", "size" },
  { [[{"execute":"blockdev-del","arguments":{"node-name":"b7"}}]],
    "blockdev-del.node-name", "b0" },
  { [[{"execute":"blockdev-del","arguments":{"node-name":"b0"}}]],
    "blockdev-del.node-name" },
  { [[{"execute":"chardev-add","arguments":{"id":"c0","backend":{"type":"null","data":{}}}}]],
    "chardev-add.id" },
  { [[{"execute":"chardev-add","arguments":{"id":"c3","backend":{"type":"nul","data":{}}}}]],
    "chardev-add.backend.type", "null" },
  { [[{"execute":"chardev-remove","arguments":{"id":"c9"}}]],
    "chardev-remove.id", "c0" },
  { [[{"execute":"qom-sett","arguments":{"path":"/machine","property":"x","value":1}}]],
    "qom-sett", "qom-set" },
  { [[{"execute":"qom-set","arguments":{"path":"/machine","property":"x"}}]],
    "qom-set.value" },
  { [[{"execute":"balloon","arguments":{}}]],
    "balloon.value" },
  { [[{"execute":"balloon","arguments":{"value":"1G"}}]],
    "balloon.value" },
  { [[{"execute":"set_link","arguments":{"name":"n0"}}]],
    "set_link.up" },
  { [[{"execute":"set_link","arguments":{"name":"n0","up":"yes"}}]],
    "set_link.up" },
  { [[{"execute":"set_link","arguments":{"name":"nx","up":true}}]],
    "set_link.name", "n0" },
  { [[{"execute":"quitt","arguments":{}}]],
    "quitt", "quit" },
  { [[{"execute":"cont","arguments":{"now":true}}]],
    "cont.now" },
  { [[{"execute":"migrate","arguments":{"url":"tcp:x:1"}}]],
    "migrate.url", "uri" },
  { [[{"execute":"query-blok","arguments":{}}]],
    "query-blok", "query-block" },
  { [[{"execute":"block_resize","arguments":{"device":"b0","size":"1G"}}]],
    "block_resize.size" },
  { [[{"execute":"screendump","arguments":{"file":"x"}}]],
    "screendump.filename" },
  { [[{"execute":"send-key","arguments":{"keys":[{"type":"qcode","data":"entr"}]}}]],
    "send-key.keys.data" },
  { [[{"execute":"system_powerdwn","arguments":{}}]],
    "system_powerdwn", "system_powerdown" },
}

local right = {
  [[{"execute":"device_add",]]
    .. [["arguments":{"driver":"virtio-net-pci","bus":"rp0","id":"e0","netdev":"n1"}}]],
  [[{"execute":"device_add","arguments":{"driver":"virtio-rng-pci","bus":"rp1"}}]],
  [[{"execute":"device_add",]]
    .. [["arguments":{"driver":"e1000e","bus":"rp0","netdev":"n0","mac":"52:54:00:00:00:07"}}]],
  [[{"execute":"device_add","arguments":{"driver":"usb-kbd","bus":"x0.0"}}]],
  [[{"execute":"device_add","arguments":{"driver":"usb-tablet"}}]],
  [[{"execute":"device_add","arguments":{"driver":"usb-kbd","port":"2"}}]],
  [[{"execute":"device_add",]]
    .. [["arguments":{"driver":"virtserialport","bus":"vs0.0","chardev":"c1","nr":3,"name":"x"}}]],
  [[{"execute":"device_add","arguments":{"driver":"virtserialport","chardev":"c0"}}]],
  [[{"execute":"blockdev-add","arguments":{"driver":"null-co","node-name":"b5"}},]]
    .. [[{"execute":"device_add",]]
    .. [["arguments":{"driver":"scsi-hd","bus":"s0.0","drive":"b5","id":"h"}}]],
  [[{"execute":"blockdev-add","arguments":{"driver":"null-co","node-name":"b5"}},]]
    .. [[{"execute":"device_add","arguments":{"driver":"scsi-hd","bus":"scsi.0","drive":"b5"}}]],
  [[{"execute":"blockdev-add","arguments":{"driver":"null-co","node-name":"b5"}},]]
    .. [[{"execute":"blockdev-add","arguments":{"driver":"raw","node-name":"r5","file":"b5"}},]]
    .. [[{"execute":"device_add","arguments":{"driver":"usb-storage","bus":"x0.0","drive":"r5"}}]],
  [[{"execute":"blockdev-add","arguments":{"driver":"null-co","node-name":"b5"}},]]
    .. [[{"execute":"blockdev-del","arguments":{"node-name":"b5"}}]],
  [[{"execute":"object-add",]]
    .. [["arguments":{"qom-type":"memory-backend-ram","id":"mm","size":134217728}},]]
    .. [[{"execute":"device_add","arguments":{"driver":"pc-dimm","memdev":"mm","id":"dm"}}]],
  [[{"execute":"netdev_add","arguments":{"type":"user","id":"n5"}},]]
    .. [[{"execute":"device_add",]]
    .. [["arguments":{"driver":"virtio-net-pci","bus":"rp0","netdev":"n5","id":"q"}},]]
    .. [[{"execute":"set_link","arguments":{"name":"q","up":false}}]],
  [[{"execute":"set_link","arguments":{"name":"n0","up":true}}]],
  [[{"execute":"object-add","arguments":{"qom-type":"iothread","id":"t7"}}]],
  [[{"execute":"object-del","arguments":{"id":"t0"}}]],
  [[{"execute":"chardev-add","arguments":{"id":"c9","backend":{"type":"null","data":{}}}}]],
  [[{"execute":"chardev-remove","arguments":{"id":"c1"}}]],
  [[{"execute":"query-status","arguments":{}}]],
  [[{"execute":"query-cpus-fast","arguments":{}}]],
  [[{"execute":"object-add","arguments":{"qom-type":"rng-builtin","id":"rr"}},]]
    .. [[{"execute":"device_add","arguments":{"driver":"virtio-rng-pci","bus":"rp0","rng":"rr"}}]],
  [[{"execute":"device_add",]]
    .. [["arguments":{"driver":"virtio-balloon-pci","bus":"rp0","id":"bal"}}]],
  [[{"execute":"device_add","arguments":{"driver":"pcie-pci-bridge","bus":"rp0","id":"br"}}]],
  [[{"execute":"device_add","arguments":{"driver":"nvme","bus":"rp0","serial":"s1"}}]],
  [[{"execute":"query-pci","arguments":{}}]],
  [[{"execute":"device_add","arguments":{"driver":"scsi-cd","bus":"s0.0","id":"cd"}}]],
  [[{"execute":"device_add","arguments":{"driver":"usb-hub","bus":"x0.0","id":"hub"}}]],
  [[{"execute":"device_add",]]
    .. [["arguments":{"driver":"virtconsole","chardev":"c1","bus":"vs0.0"}}]],
}

describe("a command that QEMU refuses", function()
  for _, case in ipairs(wrong) do
    local command, field, suggestion = table.unpack(case)
    it("is an error of " .. field .. ": " .. command, function()
      local said = {}
      for i, problem in ipairs(problems_of("", command)) do
        if problem.severity == "error" and problem.field == field
          and problem.suggestion == suggestion then
          return
        end
        said[i] = ("%s %s: %s"):format(problem.field, problem.suggestion, problem.message)
      end
      assert.equal(field .. " " .. tostring(suggestion), table.concat(said, "\n"))
    end)
  end
end)

describe("a command that QEMU takes", function()
  local more = "-netdev user,id=n1 -chardev null,id=m0,mux=on -chardev null,id=c1 "
    .. "-device virtio-scsi-pci"
  for _, commands in ipairs(right) do
    it("is no error: " .. commands, function()
      for _, problem in ipairs(problems_of(more, commands)) do
        assert.not_equal("error", problem.severity, problem.message)
      end
    end)
  end
end)
