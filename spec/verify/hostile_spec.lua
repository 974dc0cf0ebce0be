-- SPDX-License-Identifier: MIT
-- Any command line, and any QMP command behind it, gets its problems told: nothing raises, and what
-- is told can be shown.
local codes = require "lunik.verify.codes"
local core = require "lunik.core"
local host = require "lunik.host"
local verify = require "lunik.verify"

local known = assert(host.caps(host.program "qemu-system-x86_64"))

local SEEDS = {
  { "-netdev", "user,id=n0,hostfwd=tcp:127.0.0.1:0-:22", "-device", "virtio-net-pci,netdev=n0" },
  { "-machine", "q35,smm=on", "-smp", "4,sockets=2,cores=2,threads=1", "-cpu", "Haswell,-rtm" },
  { "-drive", "file=a.img,if=none,id=d,format=raw", "-device", "scsi-hd,drive=d,bus=s.0" },
  { "-blockdev", "driver=qcow2,node-name=q,file.driver=file,file.filename=a", "-set",
    "drive.d.x=1" },
  { "-device", '{"driver":"virtio-blk-pci","drive":"q","num-queues":4,"multifunction":true}' },
  { "-object", "memory-backend-memfd,id=m,size=1G,share=on", "-numa", "node,memdev=m,nodeid=0" },
  { "-chardev", "socket,id=c,path=/tmp/x,server=on", "-mon", "c", "-serial", "mon:stdio" },
  { "-fw_cfg", "name=opt/x,string=y", "-smbios", "type=1,serial=5", "-global", "isa-fdc.x=1" },
  { "-m", "1G,slots=2,maxmem=4G", "-device", "pc-dimm,memdev=m", "-vnc", ":1", "-rtc",
    "base=utc" },
}

local QMP = '[{"execute":"device_add","arguments":{"driver":"virtio-rng-pci","id":"r","bus":"b"}},'
  .. '{"execute":"blockdev-add","arguments":{"driver":"file","node-name":"n","filename":"x"}},'
  .. '{"execute":"device_del","arguments":{"id":"r"}},{"execute":"set_link"}]'

-- no NUL: no argument has one
local ODD = { ",", "=", ".", ":", "{", "}", "[", '"', "\\", "\xff", "-1", "%s", ",,", "é", "\n" }

local function spoil(random, text)
  for _ = 1, random(1, 3) do
    local at, way = random(#text + 1), random(3)
    if way == 1 then text = text:sub(1, at - 1) .. text:sub(at + random(0, 4))
    elseif way == 2 then text = text:sub(1, at - 1) .. ODD[random(#ODD)] .. text:sub(at)
    else text = text:sub(1, at - 1) .. text:sub(random(#text + 1)) end
  end
  return text
end

-- Values of no sense in the places of others.
local function twisted(random, value)
  if random(6) == 1 then
    return ({ 5, -1, 1.5, true, "", "x", {}, { {} }, { a = {} } })[random(9)]
  elseif type(value) ~= "table" then
    return value
  end
  local out = {}
  for key, each in pairs(value) do out[key] = twisted(random, each) end
  return out
end

local function line(random)
  local argv = { "qemu-system-x86_64" }
  for _ = 1, random(3) do
    for _, word in ipairs(SEEDS[random(#SEEDS)]) do
      argv[#argv + 1] = random(2) == 1 and spoil(random, word) or word
    end
  end
  if random(4) == 1 then argv[#argv] = nil end
  local commands = core.json.decode(QMP)
  return argv, random(2) == 1 and twisted(random, commands) or commands
end

describe("a command line of any words", function()
  it("has its problems told, 1,500 times #thorough", function()
    for seed = 1, 1500 do
      math.randomseed(seed)
      local argv, qmp = line(math.random)
      local ok, list = xpcall(verify, debug.traceback, argv,
        { known = known, qmp = type(qmp) == "table" and qmp or nil })
      assert(ok, ("seed %d: %s"):format(seed, list))
      for _, problem in ipairs(list) do
        assert(codes[problem.code] and utf8.len(problem.message), seed)
        assert(not problem.message:find "[%z\1-\8\11-\31]", seed)
        assert(core.json.encode { problem.field, problem.suggestion }, seed)
      end
    end
  end)

  it("has them told without a QEMU, too", function()
    for seed = 1, 200 do
      math.randomseed(seed)
      assert.is_table(verify((line(math.random)), {}))
    end
  end)
end)
