-- SPDX-License-Identifier: MIT
-- What the arguments of QMP commands name has to be there: QEMU 7.2 has refused what is an error
-- here, and has taken what is none.
local core = require "lunik.core"
local host = require "lunik.host"
local verify = require "lunik.verify"

local QEMU = "qemu-system-x86_64"
local known = assert(host.caps(host.program(QEMU)))

local MACHINE = [[-machine q35 -nodefaults -display none -device pcie-root-port,id=rp0,slot=1
  -device pcie-root-port,id=rp1,slot=2 -netdev user,id=n0
  -device virtio-net-pci,netdev=n0,id=nic0,bus=rp0
  -blockdev driver=null-co,node-name=b0 -device virtio-scsi-pci,id=sc
  -device scsi-cd,id=cd0,bus=sc.0 -chardev null,id=c0 -object iothread,id=io0]]

-- "NAME ARGUMENTS; NAME ARGUMENTS" as commands
local function commands(text)
  local list = {}
  for name, arguments in text:gmatch "([%w_-]+) ?(%b{})" do
    list[#list + 1] = { execute = name, arguments = assert(core.json.decode(arguments)) }
  end
  return list
end

local function errors_of(text, looks)
  local argv, out = { QEMU }, {}
  for word in MACHINE:gmatch "%S+" do argv[#argv + 1] = word end
  for _, problem in ipairs(verify(argv, { known = known, qmp = commands(text), dir = "/",
                                          host = looks and host or nil })) do
    if problem.severity == "error" then
      out[#out + 1] = ("%s %s"):format(problem.field, problem.suggestion)
    end
  end
  return out
end

-- { commands, the field, what was meant | nil }
local wrong = {
  { [[eject {"id":"cd9"}]], "eject.id", "cd0" },
  { [[eject {"id":"nic0"}]], "eject.id" },
  { [[blockdev-open-tray {"id":"zz"}]], "blockdev-open-tray.id" },
  { [[blockdev-insert-medium {"id":"cd0","node-name":"b1"}]], "blockdev-insert-medium.node-name",
    "b0" },
  { [[blockdev-change-medium {"id":"cd1","filename":"x"}]], "blockdev-change-medium.id", "cd0" },
  { [[block_resize {"node-name":"b1","size":1024}]], "block_resize.node-name", "b0" },
  { [[blockdev-snapshot-sync {"node-name":"b1","snapshot-file":"x"}]],
    "blockdev-snapshot-sync.node-name", "b0" },
  { [[block-commit {"device":"b1"}]], "block-commit.device", "b0" },
  { [[blockdev-mirror {"device":"b0","target":"zz","sync":"full"}]], "blockdev-mirror.target" },
  { [[block-dirty-bitmap-add {"node":"b1","name":"x"}]], "block-dirty-bitmap-add.node", "b0" },
  { [[transaction {"actions":[{"type":"blockdev-backup","data":{"device":"b1","target":"b0",
      "sync":"full"}}]}]], "transaction.device", "b0" },
  { [[ringbuf-read {"device":"c1","size":10}]], "ringbuf-read.device", "c0" },
  { [[chardev-send-break {"id":"zz"}]], "chardev-send-break.id" },
  { [[screendump {"filename":"x.ppm","device":"zz"}]], "screendump.device" },
  { [[qom-get {"path":"/machine/peripheral/nic1","property":"type"}]], "qom-get.path", "nic0" },
  { [[qom-set {"path":"/objects/io1","property":"x","value":1}]], "qom-set.path", "io0" },
  { [[balloon {"value":1000000}]], "balloon.value" },
  { [[set_password {"protocol":"vnc","password":"x"}]], "set_password.protocol" },
  { [[migrate {"uri":"tpc:localhost:444"}]], "migrate.uri", "tcp" },
  { [[dump-guest-memory {"paging":false,"protocol":"x"}]], "dump-guest-memory.protocol" },
  { [[job-cancel {"id":"j"}]], "job-cancel.id" },
  { [[nbd-server-add {"device":"b0"}]], "nbd-server-add.device" },
  { [[blockdev-add {"driver":"null-co"}]], "blockdev-add.node-name" },
  { [[object-add {"qom-type":"memory-backend-ram","id":"m","size":0}]], "object-add.size" },
  { [[device_add {"driver":"scsi-hd","drive":"b0","bus":"scsi.0"}]], "device_add.bus", "sc.0" },
}

local right = {
  [[blockdev-add {"driver":"null-co","node-name":"b1","size":1048576};
    blockdev-add {"driver":"null-co","node-name":"b2","size":1048576};
    blockdev-mirror {"device":"b1","target":"b2","sync":"full","job-id":"j"};
    job-cancel {"id":"j"}]],
  [[blockdev-add {"driver":"raw","node-name":"b1","file":{"driver":"null-co","node-name":"in"}};
    block-dirty-bitmap-add {"node":"in","name":"x"}]],
  [[blockdev-snapshot-sync {"node-name":"b0","snapshot-file":"x","snapshot-node-name":"o0"};
    block-commit {"device":"o0","job-id":"c"}]],
  [[blockdev-open-tray {"id":"cd0"}; blockdev-remove-medium {"id":"cd0"}]],
  [[blockdev-add {"driver":"null-co","node-name":"b1"};
    blockdev-insert-medium {"id":"cd0","node-name":"b1"}]],
  [[eject {"device":"ide1-cd0"}]], [[eject {"id":"cd0","force":true}]],
  [[qom-get {"path":"/machine/peripheral/nic0","property":"type"}]],
  [[qom-list {"path":"/machine/unattached/device[0]"}]],
  [[qom-get {"path":"/objects/io0","property":"type"}]],
  [[nbd-server-start {"addr":{"type":"unix","data":{"path":"n.sock"}}};
    nbd-server-add {"device":"b0"}]],
  [[chardev-add {"id":"rb","backend":{"type":"ringbuf","data":{"size":4096}}};
    ringbuf-read {"device":"rb","size":10}]],
  [[device_add {"driver":"virtio-balloon-pci","bus":"rp1"}; balloon {"value":1000000}]],
  [[migrate {"uri":"unix:x.sock"}]], [[migrate {"uri":"fd:x"}]],
  [[transaction {"actions":[{"type":"block-dirty-bitmap-add","data":{"node":"b0","name":"b"}}]}]],
}

describe("what a QMP command names", function()
  for _, case in ipairs(wrong) do
    it("has to be there: " .. case[1], function()
      local want, got = ("%s %s"):format(case[2], case[3]), errors_of(case[1])
      assert.equal(want, table.concat(got, "\n"))
    end)
  end

  for _, text in ipairs(right) do
    it("is there: " .. text:match "[^\n]*", function()
      assert.same({}, errors_of(text))
    end)
  end

  it("is looked for on this host where it is a file", function()
    local text = [[blockdev-add {"driver":"file","filename":"/none/x.raw","node-name":"n1"}]]
    assert.same({}, errors_of(text))
    assert.same({ "blockdev-add.filename nil" }, errors_of(text, true))
  end)
end)
