-- The lunik program as people meet it: its words, its exit codes, its output, from any folder.
local core = require "lunik.core"
local fcntl = require "posix.fcntl"
local run = require "support.run"
local scratch = require "support.scratch"
local stat = require "posix.sys.stat"
local stdlib = require "posix.stdlib"
local unistd = require "posix.unistd"

local build = os.getenv "B" or "build"
local program = stdlib.realpath(build .. "/lunik")

describe("lunik", function()
  local dir, env

  setup(function()
    dir = scratch.new()
    env = { "PATH=" .. os.getenv "PATH", "HOME=" .. dir, "XDG_RUNTIME_DIR=" .. dir }
    require "posix.sys.stat".mkdir(dir .. "/sub")
    require "posix.sys.stat".mkdir(dir .. "/empty")
    scratch.write(dir .. "/vm.lua", "return machine { accel = 'tcg', memory = '64M' }\n")
    scratch.write(dir .. "/bad.lua", "return machine {\n  cpsu = 2,\n  memory = 4,\n}\n")
    scratch.write(dir .. "/sub/vm.lua",
      "return machine { accel = 'tcg', disk { file = '../disk.raw' }, append = read 'a.txt', "
        .. "kernel = '../vm.lua' }\n")
    scratch.write(dir .. "/sub/a.txt", "quiet")
    scratch.write(dir .. "/disk.raw", "")
    scratch.write(dir .. "/odd.lua",
      "return machine { accel = 'tcg', append = \"it's\\n"
        .. "$HOME `x` \\\\ \\t\\\"q\\\" \\xff *\", kernel = 'vm.lua' }\n")
  end)
  teardown(function() scratch.remove(dir) end)

  -- Runs lunik in the scratch folder: status, stdout, stderr.
  local function lunik(argv, options)
    options = options or {}
    local reader, writer = unistd.pipe()
    local input = options.input and fcntl.open(options.input, fcntl.O_RDONLY)
    local child, out = run.start { argv = { options.program or program, table.unpack(argv) },
      env = env,
      cwd = options.cwd or dir, fds = { [0] = input, [2] = writer }, path = true }
    unistd.close(writer)
    if input then unistd.close(input) end
    local text, errors = run.drain(out), run.drain(reader)
    local how, status = child:wait(60)
    assert.equal("exited", how, errors)
    assert.is_nil(errors:find("bug", 1, true), errors)
    return status, text, errors
  end

  local function says(status, why, argv, options)
    local code, _, errors = lunik(argv, options)
    assert.matches(why, errors)
    assert.equal(status, code, errors)
  end

  it("without a word says what there is, as a mistake", function()
    says(2, "^lunik launches QEMU machines.*\n  check ", {})
    assert.equal(0, (lunik { "help" }))
    assert.equal(0, (lunik { "--help" }))
    assert.equal(0, (lunik { "--version" }))
  end)

  it("says what is wrong with its command line", function()
    says(2, "^lunik: no verb 'chekc'; did you mean 'check'%?\nusage: ", { "chekc" })
    says(2, "^lunik: unknown option '%-%-frob'", { "--frob" })
    says(2, "unknown option '%-%-frob'", { "check", "--frob" })
    says(2, "one recipe expected, or behind %-%- a command line of QEMU; 'a.lua' is no QEMU",
      { "check", "a.lua", "b.lua" })
    says(2, "too many arguments", { "argv", "a.lua", "b.lua" })
    says(2, "too many arguments; where the guest has it is said by %-%-to: lunik mount dev ~/src "
      .. "%-%-to /src\nusage: ", { "mount", "dev", ".", "/src" })
    says(2, "missing argument 'command'; the machine comes first: lunik exec dev %-%- make test; ",
      { "exec", "make" })
    says(2, "'remove'; the machine comes first: lunik forward dev add 8080:80\n",
      { "forward", "add", "8080:80" })
    says(2, "'command'; the machine comes first: lunik qmp dev query%-status\n",
      { "qmp", "query-status" })
    says(2, "'family'; the machine comes first: lunik plug dev disk file=data%.qcow2\n",
      { "plug", "disk" })
    says(2, "too many arguments; a program is run by exec: lunik exec %-t dev %-%- top; ",
      { "shell", "dev", "top" })
    says(2, "too many arguments; the machine comes first, then one medium: lunik cdrom dev ",
      { "cdrom", "dev", "a.iso", "b.iso" })
    says(2, "'file'; the machine comes first: lunik screenshot dev screen.png\n",
      { "screenshot", "screen.png" })
    says(2, "expected, got 'dev'; the machine comes first: lunik screenshot dev screen.png\n",
      { "screenshot", "screen.png", "dev" })
    says(2, "option '%-%-set' requires an argument", { "check", "--set" })
    says(2, "FIELD=VALUE expected, got 'cpus'", { "check", "--set", "cpus" })
    says(2, "nothing about 'dsik'; did you mean 'disk'%?", { "help", "dsik" })
    says(2, "can not be used together", { "argv", "--json", "--shell" })
  end)

  it("names the verb for what other programs call so", function()
    for word, ours in pairs { stop = "down", start = "up", list = "ls", kill = "down %-%-force",
                              reload = "restart", ps = "ls" } do
      says(2, ("^lunik: no verb '%s'; did you mean '%s'%%?\nusage: "):format(word, ours), { word })
    end
    local verbs = {}
    for _, name in ipairs(require "lunik.cli".verbs) do verbs[name] = true end
    for word, ours in pairs(require "lunik.cli.synonyms") do
      assert.is_true(verbs[ours:match "^%S+"], word)
      assert.is_nil(verbs[word])
    end
  end)

  it("says what this host has, for programs", function()
    local _, text = lunik { "version", "--json" }
    local found = core.json.decode(text)
    assert.same({ 1, "0.1.0", "Lua 5.4", "boolean" },
                { found.lunik, found.version, found.lua, type(found.kvm.works) })
    assert.matches("^/.*qemu%-system%-", found.qemu.path)
    assert.matches("^%d+%.%d+%.%d+$", found.qemu.version)
    assert.is_true(found.virtiofsd.make == "c" or found.virtiofsd.make == "rust")
    assert.is_true(found.kvm.works or type(found.kvm.why) == "string")
  end)

  it("explains every verb and every topic", function()
    for _, topic in ipairs { "machine", "hooks", "disk", "nic", "mount", "console", "serial",
      "balloon", "agent", "ssh", "hotplug", "ready", "helper-died", "SHUTDOWN" } do
      local status, text = lunik { "help", topic }
      assert.equal(0, status)
      assert.is_true(#text > 60, topic)
    end
    for _, verb in ipairs(require "lunik.cli".verbs) do
      assert.equal(0, (lunik { "help", verb }))
      local status, text = lunik { verb, "--help" }
      assert.equal(0, status)
      assert.matches("^Usage: lunik " .. verb:gsub("%-", "%%-"), text)
    end
  end)

  it("says of every family that can come while a machine runs that it can be plugged", function()
    local _, text = lunik { "plug", "--help" }
    local device, found = require "lunik.device", {}
    for _, name in ipairs(device.families) do
      for _, kind in ipairs(device.family(name).kinds) do
        if device.row(name, kind).plug then found[name] = name end
      end
    end
    assert.is_truthy(found.disk and found.mount and not found.agent)
    local listed = text:match "family +([%w, ]+), or QEMU's device, chardev, object, netdev and"
    for name in listed:gmatch "%w+" do
      assert.equal(name, found[name])
      found[name] = nil
    end
    assert.same({}, found)
  end)

  it("takes vm.lua, a folder, or a file, from wherever it is called", function()
    for _, case in ipairs { { {}, dir }, { { "." }, dir }, { { "vm.lua" }, dir },
      { { "sub" }, dir },
      { { "sub/" }, dir }, { { "sub/vm.lua" }, dir }, { { dir .. "/sub" }, "/" },
        { { "../sub/vm.lua" }, dir .. "/empty" } } do
      local status, text = lunik({ "argv", table.unpack(case[1]) }, { cwd = case[2] })
      assert.equal(0, status)
      if case[1][1] and case[1][1]:find "sub" then
        assert.matches("filename=" .. dir .. "/disk.raw", text, 1, true)
        assert.matches("-append\nquiet\n", text, 1, true)
      end
    end
  end)

  it("says what is no recipe", function()
    says(1, "^lunik check: no such recipe 'none.lua'\n$", { "check", "none.lua" })
    says(1, "no such recipe 'empty/vm.lua'\n$", { "check", "empty" })
    says(1, "/dev/zero: is a character device, not a file", { "check", "/dev/zero" })
    says(1, "", { "check", "" })
    says(1, "no such recipe 'a\\x0ab'", { "check", "a\nb" })
  end)

  it("shows all problems on stderr, and none of the rest on stdout", function()
    for _, verb in ipairs { "check", "argv", "plan" } do
      local status, text, errors = lunik { verb, "bad.lua" }
      assert.equal(1, status)
      assert.equal("", text)
      assert.equal("lunik " .. verb .. [[:
  bad.lua:2: machine.cpsu: no such field; did you mean 'cpu'?
  bad.lua:3: machine.memory: a size with its unit expected, such as "4M" or "4G", got 4
]], errors)
    end
    local status, text = lunik { "check", "--json", "bad.lua" }
    local answer = core.json.decode(text)
    assert.equal(1, status)
    assert.equal(1, answer.lunik)
    assert.is_false(answer.ok)
    assert.same({ "machine.cpsu", 2 }, { answer.problems[1].field, answer.problems[1].line })
  end)

  it("sets what --set says, and says what it cannot", function()
    local _, text = lunik { "argv", "--set", "cpus=3", "--set=memory=1.5G", "vm.lua" }
    assert.matches("-smp\n3\n-m\n1536M\n", text, 1, true)
    says(1, "^lunik check: %-%-set cpus=x: machine.cpus: a whole number",
      { "check", "--set", "cpus=x" })
    says(1, "%-%-set cpsu=1: machine.cpsu: no such field; did you mean 'cpu'%?",
      { "check", "--set", "cpsu=1" })
  end)

  it("prints a command line in four ways that say the same", function()
    local function words(text)
      local list = {}
      for word in text:gmatch "([^%z]*)%z" do list[#list + 1] = word end
      return list
    end
    local _, nul = lunik { "argv", "-0", "odd.lua" }
    local expected = words(nul)
    local append
    for i, word in ipairs(expected) do append = word == "-append" and expected[i + 1] or append end
    assert.equal("it's\n$HOME `x` \\ \t\"q\" \xff *", append)
    local _, shell = lunik { "argv", "--shell", "odd.lua" }
    local again = run.output { argv = { "sh", "-c", "printf '%s\\0' " .. shell }, path = true,
      env = env }
    assert.same(expected, words(again))
    local _, json = lunik { "argv", "--json", "vm.lua" }
    local _, lines = lunik { "argv", "vm.lua" }
    assert.equal(lines, table.concat(core.json.decode(json).argv, "\n") .. "\n")
    says(1, "an argument holds a newline: use %-0, %-%-shell or %-%-json", { "argv", "odd.lua" })
  end)

  it("prints --json that is JSON", function()
    for _, argv in ipairs { { "argv", "--json" }, { "argv", "--json", "--full" },
      { "plan", "--json" },
      { "check", "--json" }, { "version", "--json" }, { "argv", "--json", "odd.lua" } } do
      local status, text = lunik(argv)
      assert.equal(0, status)
      assert.equal(1, core.json.decode(text).lunik)
    end
  end)

  it("does not call a write that failed a success", function()
    -- `help qemu` is longer than what is held back until the end
    for _, argv in ipairs { "argv", "plan", "check", "help", "version", "argv --json",
                            "help qemu" } do
      for _, where in ipairs { ">/dev/full", ">&-" } do
        says(1, "^lunik: cannot write: ", { "-c", ("exec %s %s %s"):format(program, argv, where) },
          { program = "sh" })
      end
    end
  end)

  it("ends in silence when nobody reads on", function()
    local reader, writer = unistd.pipe()
    local errors, err = unistd.pipe()
    unistd.close(reader)
    local child = assert(core.proc.spawn { argv = { program, "argv" }, env = env, cwd = dir,
      fds = { [1] = writer, [2] = err } })
    unistd.close(writer)
    unistd.close(err)
    assert.equal("", run.drain(errors))
    assert.same({ "killed", 13 }, { child:wait(60) })
  end)

  it("finds its modules when a link leads to it", function()
    unistd.link(program, dir .. "/lnk", true)
    unistd.link("lnk", dir .. "/lnk2", true)
    for _, link in ipairs { dir .. "/lnk", dir .. "/lnk2", "./lnk" } do
      assert.equal(0, (lunik({ "argv" }, { program = link })))
    end
    scratch.write(dir .. "/lost", scratch.read "bin/lunik", tonumber("755", 8))
    says(70, "^lunik: no modules of its own beside ", { "argv" }, { program = dir .. "/lost" })
  end)

  it("loads nothing from the folder it is called in", function()
    require "posix.sys.stat".mkdir(dir .. "/lunik")
    require "posix.sys.stat".mkdir(dir .. "/lunik/ext")
    for _, name in ipairs { "argparse", "posix", "lunik/cli", "lunik/init", "lunik/ext/evil" } do
      scratch.write(("%s/%s.lua"):format(dir, name), "io.stderr:write 'evil' os.exit(9)")
    end
    scratch.write(dir .. "/ext.lua", "require 'lunik.ext.evil' return machine {}")
    assert.equal(0, (lunik { "argv" }))
    says(1, "^lunik argv: ext.lua:1: require: no extension 'lunik.ext.evil' is installed\n$",
      { "argv", "ext.lua" })
  end)

  it("reads no file that is not one, and none behind a link out of the folder", function()
    run.output { argv = { "mkfifo", dir .. "/sub/fifo" }, path = true, env = env }
    unistd.link("/etc/hostname", dir .. "/sub/link", true)
    unistd.link(dir .. "/disk.raw", dir .. "/sub/out.lua", true)
    for text, why in pairs { ["read 'fifo'"] = "is a fifo, not a file",
      ["read 'link'"] = "outside the recipe's folder",
      ["read '.'"] = "outside the recipe's folder",
      ["read '../disk.raw'"] = "outside the recipe's folder",
      ["read ''"] = "outside", ["read '/dev/zero'"] = "outside", ["read 'none'"] = "No such file",
      ["require 'out'"] = "outside the recipe's folder", ["require 'none'"] = "No such file" } do
      scratch.write(dir .. "/sub/reads.lua", text .. " return machine {}")
      says(1, "^lunik check: sub/reads.lua:1: .*" .. why, { "check", "sub/reads.lua" })
    end
    scratch.write(dir .. "/sub/reads.lua", [[return machine {
      disk { file = 'fifo', format = 'raw' },
      disk { file = '/dev/null', format = 'raw' } }]])
    says(1, "disk.file: 'fifo' is a fifo\n.*disk.file: '/dev/null' is a character device\n",
      { "check", "sub/reads.lua" })
  end)

  it("ends a recipe that takes all memory", function()
    for text, why in pairs {
      ["local t = {} for i = 1, 1e9 do t[i] = { i } end"] = "memory",
      ["local s = 'x' while true do s = s .. s end"] = "memory",
      ["local t = {} while true do pcall(function() while true do t[#t + 1] = { 1 } end end) end"] =
        "", -- one or the other
      ["local t = {} pcall(function() while true do t[#t + 1] = { 1 } end end) KEEP"] = "memory",
    } do
      local kept =
        "local many = {} for i = 1, 9999 do many[i] = nic {} end return machine { many, "
          .. "on('ready', function() return t end) }"
      scratch.write(dir .. "/big.lua", (text:gsub("KEEP", kept)))
      says(1, "^lunik argv:.*" .. why, { "argv", "big.lua" })
    end
  end)

  it("imports a command line, whatever stands in it", function()
    local status, text = lunik { "import", "--", "qemu-system-x86_64", "--help", "-m", "1G", "--",
      "--pid", "3" }
    assert.equal(0, status)
    assert.matches('memory = "1G",.*  qemu%.help {},\n.*raw { "%-%-" },.*raw { "%-%-pid", "3" },',
      text)
    scratch.write(dir .. "/imported.lua", text)
    local _, argv = lunik { "argv", "imported.lua" }
    assert.matches("\n%-m\n1G\n%-help\n%-%-\n%-%-pid\n3\n$", argv)
  end)

  it("imports a script, by name and from standard input", function()
    scratch.write(dir .. "/start.sh", "#!/bin/sh\n\nqemu-system-x86_64 -S \\\n  -m 2G $MORE\n")
    local _, text = lunik { "import", "start.sh" }
    assert.matches('^%-%- imported from start.sh, line 3\nreturn machine {.*memory = "2G",', text)
    assert.matches("\n  todo \"$MORE: only running the script would tell\",\n", text)
    local _, same = lunik({ "import", "-", "--json" }, { input = dir .. "/start.sh" })
    same = core.json.decode(same)
    assert.equal(text:gsub("start.sh", "standard input"), same.recipe)
    assert.same({ same.argv[2], same.argv[3], same.argv[4] }, { "-m", "2G", "-S" })
    assert.equal(1, same.lunik)
  end)

  it("rewrites an imported script's paths for the folder of its recipe", function()
    for _, name in ipairs { "from", "vms", "vms/disks" } do
      stat.mkdir(dir .. "/" .. name, 448)
    end
    for _, name in ipairs { "from/a.img", "vms/disks/b.img", "c,d.img" } do
      scratch.write(dir .. "/" .. name, "")
    end
    scratch.write(dir .. "/from/start.sh", "qemu-system-x86_64 -hda a.img -L . "
      .. "-serial file:s.log -drive if=virtio,file=./../c,,d.img -hdb ../vms/disks/b.img "
      .. "-option-rom own.rom\n")
    local status = lunik { "import", "from/start.sh", "-o", "vms/vm.lua" }
    assert.equal(0, status)
    local text = scratch.read(dir .. "/vms/vm.lua")
    for _, line in ipairs { 'qemu.hda { "../from/a.img" },', 'qemu.hdb { "disks/b.img" },',
      'qemu.drive { file = "../c,d.img", ["if"] = "virtio" },', 'qemu.L { "../from" },',
      'qemu.serial { "file", path = "../from/s.log" },', '["option-rom"] { "own.rom" },' } do
      assert.truthy(text:find(line, 1, true), line .. "\n" .. text)
    end
    assert.equal(0, (lunik { "check", "--no-host", "vms/vm.lua" }))
    says(2, "^lunik import: %-%-batch answers on standard output",
      { "import", "--batch", "-o", "x" })
  end)

  it("says which folder an import assumes where its paths are relative", function()
    stat.mkdir(dir .. "/scripts", 448)
    scratch.write(dir .. "/scripts/start.sh", "qemu-system-x86_64 -hda a.img\n")
    local _, _, said = lunik { "import", "scripts/start.sh" }
    assert.equal(("lunik import: relative paths are taken as seen from %s/scripts: "
      .. "the recipe belongs there, or -o FILE rewrites them\n"):format(dir), said)
    _, _, said = lunik { "import", "--", "qemu-system-x86_64", "-hda", "/a.img", "-bios", "b.rom" }
    assert.equal("", said)
  end)

  it("imports a batch, line by line, and says which went wrong", function()
    scratch.write(dir .. "/batch", '{"id":7,"argv":["qemu-system-x86_64","-m","1G"]}\n\n{"id":\n'
      .. '{"id":"b"}\n{"id":"c","argv":["qemu","a\\u0000b"]}\n{"id":"d","argv":["-S",4]}\n')
    local status, text = lunik({ "import", "--batch" }, { input = dir .. "/batch" })
    assert.equal(0, status)
    local lines = {}
    for line in text:gmatch "[^\n]+" do lines[#lines + 1] = core.json.decode(line) end
    assert.equal(5, #lines)
    assert.equal(7, lines[1].id)
    assert.same({ family = 1, qemu = 0, raw = 0 }, lines[1].counts)
    assert.equal("1G", lines[1].argv[3])
    assert.matches("^json", lines[2].error)
    assert.matches("an object with id and argv expected", lines[3].error)
    assert.same({ "c", "argv: a NUL byte" }, { lines[4].id, lines[4].error })
    assert.same({ "d", "argv: texts expected" }, { lines[5].id, lines[5].error })
  end)

  it("says what it cannot import", function()
    says(2, "^lunik import: a script, %-%-pid PID, %-%-batch, or %-%- and a command line expected",
      { "import" })
    says(1, "^lunik import: nowhere.sh: No such file", { "import", "nowhere.sh" })
    says(1, "^lunik import: disk.raw: no command that runs QEMU", { "import", "disk.raw" })
    says(1, "^lunik import: no process 4194305", { "import", "--pid", "4194305" })
    says(2, "malformed argument 'x'", { "import", "--pid", "x" })
    says(2, "can not be used together", { "import", "--pid", "1", "--batch" })
  end)

  it("prints logs into a pipe without what a terminal would answer, also across lines", function()
    local folder = dir .. "/.local/state/lunik/gone"
    require "lunik.store.directory".make(folder)
    scratch.write(folder .. "/machine.json", "{}")
    scratch.write(folder .. "/console.log",
      "a\27[6n\27[31mb\r\n\27]11;\n?\7c\27P+q544e\27\\\n\27[\n5nd\n")
    local status, text, errors = lunik { "logs", "gone", "--source", "serial" }
    assert.same({ 0, "a\27[31mb\r\nc\n\nd\n", "" }, { status, text, errors })
  end)
end)
