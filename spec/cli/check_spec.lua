-- SPDX-License-Identifier: MIT
-- `lunik check` of what is no recipe: command lines, scripts and batches, as a person sees it.
local core = require "lunik.core"
local fcntl = require "posix.fcntl"
local host = require "lunik.host"
local run = require "support.run"
local scratch = require "support.scratch"
local stdlib = require "posix.stdlib"
local unistd = require "posix.unistd"

local version = assert(host.caps(host.program "qemu-system-x86_64")):version()
local program = stdlib.realpath((os.getenv "B" or "build") .. "/lunik")
local dir

before_each(function() dir = scratch.new() end)
after_each(function() scratch.remove(dir) end)

-- Status, standard output with V for QEMU's version, standard error.
local function lunik(argv, input)
  local given = fcntl.open(scratch.write(dir .. "/input", input or ""), fcntl.O_RDONLY)
  local reader, writer = unistd.pipe()
  local child, out = run.start { argv = { program, table.unpack(argv) }, cwd = dir, path = true,
    env = { "PATH=" .. os.getenv "PATH", "HOME=" .. host.home }, fds = { [0] = given,
    [2] = writer } }
  unistd.close(given)
  unistd.close(writer)
  local text, errors = run.drain(out), run.drain(reader)
  local _, status = child:wait(60)
  return status, (text:gsub(version:gsub("%.", "%%."), "V")), errors
end

describe("lunik check", function()
  it("holds a command line behind --", function()
    local status, out = lunik { "check", "--", "qemu-system-x86_64", "-m", "4", "-netdv", "user",
      "-rtc", "base=utc" }
    assert.equal([[
warning: m: size: 4 means 4 MiB; did you mean '4G'? [suspicious]
error: netdv: unknown option 'netdv'; did you mean 'netdev'? [unknown-option]
qemu-system-x86_64: 1 error, 1 warning
]], out)
    assert.equal(1, status)
  end)

  it("says that QEMU takes it; --strict takes warnings for errors", function()
    local status, out = lunik { "check", "--", "qemu-system-x86_64", "-nodefaults" }
    assert.equal("qemu-system-x86_64: QEMU V takes it\n", out)
    assert.equal(0, status)
    status, out = lunik { "check", "--", "qemu-system-x86_64", "-m", "4" }
    assert.matches("0 errors, 1 warning\n$", out)
    assert.equal(0, status)
    status = lunik { "check", "--strict", "--", "qemu-system-x86_64", "-m", "4" }
    assert.equal(1, status)
  end)

  it("holds the command line of a script", function()
    scratch.write(dir .. "/run.sh", "#!/bin/sh\nMEM=1G\nexec qemu-system-x86_64 -m $MEM \\\n"
      .. "  -drive fiel=x.img,format=raw\n")
    local status, out = lunik { "check", "run.sh" }
    assert.equal("error: drive: no such key 'fiel'; did you mean 'file'? [unknown-key]\n"
      .. "qemu-system-x86_64: 1 error, 0 warnings\n", out)
    assert.equal(1, status)
  end)

  it("tells it in JSON", function()
    local status, out = lunik { "check", "--json", "--", "qemu-system-x86_64", "-rtc", "bas=utc" }
    assert.same({ lunik = 1, ok = false, argv = { "qemu-system-x86_64", "-rtc", "bas=utc" },
      problems = { { at = 2, code = "unknown-key", field = "rtc.bas", severity = "error",
        message = "rtc: bas: no such key; did you mean 'base'?", suggestion = "base" } } },
      core.json.decode(out))
    assert.equal(1, status)
  end)

  it("answers a batch a line each, whatever stands in it", function()
    local status, out = lunik({ "check", "--batch" }, table.concat({
      '{"id":1,"argv":["qemu-system-x86_64","-netdv","x"]}', "nonsense", "", '{"id":2}',
      '{"id":3,"argv":["qemu-system-x86_64"],"qmp":[{"execute":"quid"}]}',
      '{"id":4,"argv":[5,{}]}',
      '{"id":4,"argv":["qemu-system-x86_64","a\\u0000b"]}',
      '{"id":5,"argv":[],"qmp":[5,null,{"execute":{}},'
        .. '{"execute":"device_add","arguments":5}]}' }, "\n"))
    local answers = {}
    for line in out:gmatch "[^\n]+" do answers[#answers + 1] = core.json.decode(line) end
    assert.equal(7, #answers)
    assert.equal("unknown-option", answers[1].problems[1].code)
    assert.is_string(answers[2].error)
    assert.is_string(answers[3].error)
    assert.equal("QEMU V has no command 'quid'; did you mean 'quit'?",
      (answers[4].problems[1].message:gsub("^quid: ", "")))
    assert.is_string(answers[5].error)
    assert.is_string(answers[6].error)
    assert.equal(5, answers[7].id)
    for _, answer in ipairs(answers) do assert.is_nil((answer.error or ""):find "bug") end
    assert.equal(0, status)
  end)

  it("looks at the host, unless it is told not to", function()
    local line = { "--", "qemu-system-x86_64", "-drive", "file=none.img,format=raw", "-kernel",
      "input" }
    local status, out = lunik { "check", table.unpack(line) }
    assert.matches("\n?error: drive: .*no such file .*none.img.* %[file%-missing%]\n", out)
    assert.matches("error: kernel: .* %[kernel%-unfit%]\n", out)
    assert.equal(1, status)
    status, out = lunik { "check", "--no-host", table.unpack(line) }
    assert.equal("qemu-system-x86_64: QEMU V takes it\n", out)
    assert.equal(0, status)
  end)

  it("holds a recipe's command line against its QEMU, families and options alike", function()
    scratch.write(dir .. "/vm.lua", [=[
return machine { accel = "tcg", type = "q35",
  nic { model = "e1000" },
  qemu.device { "usb-kbd" },
  qemu.device { "virtio-rng-pci", period = "many" },
  qemu.netdev { "user", id = "lonely" },
  qemu.device { "virtio-blk-pci" },
  qemu.smp { 4, sockets = 3, cores = 1, threads = 1 } }
]=])
    local status, _, err = lunik { "check", "--no-host" }
    assert.equal([=[
lunik check: warning: vm.lua:5: qemu.netdev.id: netdev 'lonely' is not used by any device
lunik check:
  vm.lua:3: qemu.device.bus: no USB controller; add -device qemu-xhci
  vm.lua:4: qemu.device.period: a whole number expected, got 'many'
  vm.lua:6: qemu.device.drive: virtio-blk-pci needs 'drive'
  vm.lua:7: qemu.smp.sockets: sockets(3)*cores(1)*threads(1) = 3 must equal the number of CPUs (4)
]=], err)
    assert.equal(1, status)
    local _, out = lunik { "check", "--no-host", "--json" }
    local first = core.json.decode(out).problems[1]
    assert.same({ "bus", "error", 3 }, { first.code, first.severity or "error", first.line })
  end)

  it("reads a file of options for a command line and for a recipe", function()
    scratch.write(dir .. "/net.cfg", '[netdev "n0"]\n  type = "user"\n'
      .. '[device]\n  driver = "e1001"\n')
    local status, out = lunik { "check", "--", "qemu-system-x86_64", "-readconfig", "net.cfg",
      "-device", "e1000,netdev=n1" }
    assert.equal([[
warning: net.cfg:1: netdev n0: id: netdev 'n0' is not used by any device [unused]
error: net.cfg:3: device e1001: QEMU V has no device 'e1001'; did you mean 'e1000'? [unknown-device]
error: device e1000: no netdev has the id 'n1'; did you mean 'n0'? [dangling-reference]
qemu-system-x86_64: 2 errors, 1 warning
]], out)
    assert.equal(1, status)
    scratch.write(dir .. "/vm.lua", [[
return machine {
  qemu.readconfig { "net.cfg" },
  qemu.device { "e1000", netdev = "n1" },
}]])
    local _, _, errors = lunik { "check" }
    local file = "vm.lua:2: qemu.readconfig: " .. dir .. "/net.cfg"
    assert.equal(table.concat({
      ("lunik check: warning: %s:1: netdev 'n0' is not used by any device"):format(file),
      "lunik check:",
      ("  %s:3: QEMU %s has no device 'e1001'; did you mean 'e1000'?"):format(file, version),
      "  vm.lua:3: qemu.device.netdev: no netdev has the id 'n1'; did you mean 'n0'?",
      "" }, "\n"), errors)
  end)

  it("explains a code", function()
    local status, out = lunik { "help", "slot-taken" }
    assert.equal("slot-taken (error): The slot or address is taken by another device.\nLeave the "
      .. "address out, and QEMU chooses a free one; or write one that is free.\n"
      .. "  for example: -device virtio-rng-pci,addr=3\n    device virtio-rng-pci: addr: PCI slot "
      .. "3 is taken by the default network card (-nic none leaves it out)\n", out)
    assert.equal(0, status)
  end)

  it("says what it cannot read", function()
    local status, _, err = lunik { "check", "nothing.sh" }
    assert.equal("lunik check: nothing.sh: No such file or directory\n", err)
    assert.equal(1, status)
    scratch.write(dir .. "/none.sh", "#!/bin/sh\necho hello\n")
    status, _, err = lunik { "check", "none.sh" }
    assert.matches("^lunik check: none.sh: .*QEMU", err)
    assert.equal(1, status)
  end)
end)
