-- Command lines become recipes, and recipes the command lines that they came from: by golden
-- text, by cases of everything that people write, and by chance.
local core = require "lunik.core"
local fakehost = require "support.fakehost"
local import = require "lunik.import"
local lunik = require "lunik"
local proc = require "lunik.import.proc"
local quote = require "lunik.import.quote"
local scratch = require "support.scratch"
local shell = require "lunik.import.shell"
local words = require "lunik.import.words"

local folder = "/home/dev/vm"

-- The command line of a recipe's text, by the road of any recipe.
local function argv_of(recipe)
  local dir = scratch.new()
  scratch.write(dir .. "/vm.lua", recipe)
  local plan, problems = lunik.plan(folder .. "/vm.lua",
    { host = fakehost.new({}, { [folder] = dir }), dir = folder, anyway = true })
  scratch.remove(dir)
  assert(plan, plan or lunik.text(problems) .. "\n" .. recipe)
  return assert(plan:command "paste")
end

local function options(more)
  local out = { host = fakehost.new(), dir = folder }
  for key, value in pairs(more or {}) do out[key] = value end
  return out
end

-- Imports a line by itself and as one of a batch: both say what its recipe says.
local function imported(argv, batch)
  local made = assert(import.argv(argv, options()))
  assert.same(argv_of(made.recipe), made.argv)
  local quick = assert(import.argv(argv, options { programs = batch or {} }))
  assert.same(made.argv, quick.argv)
  assert.same(made.counts, quick.counts)
  return made
end

local function split(text)
  local argv = {}
  for word in text:gmatch "%S+" do argv[#argv + 1] = word end
  return argv
end

-- { command line, what must stand in the recipe, one or several }: lines of fields or items.
local typed = {
  { "-m 4G", 'memory = "4G",' },
  { "-m 1024", 'memory = "1G",' },
  { "-m size=219136k", 'memory = "214M",' },
  { "-m 512,slots=2,maxmem=4G", 'qemu.m { 512, slots = 2, maxmem = "4G" },' },
  { "-m 1G -m slots=2", 'qemu.m { "1G" },', "qemu.m { slots = 2 }," },
  { "-smp 4", "cpus = 4," },
  { "-smp cpus=4", "cpus = 4," },
  { "-smp 4,cores=2", "qemu.smp { 4, cores = 2 }," },
  { "-name web", 'name = "web",' },
  { "-name guest=web,process=x", 'qemu.name { "web", process = "x" },' },
  { "-name a,,b", 'qemu.name { "a,b" },' },
  { "-M q35", 'type = "q35",' },
  { "-machine pc -M usb=on", 'qemu.machine { "pc" },', "qemu.machine { usb = true }," },
  { "-M q35,accel=kvm:tcg", 'qemu.machine { "q35", accel = "kvm:tcg" },' },
  { "-M virt,gic_version=3 -bios /usr/share/b.rom", 'qemu.machine { "virt", gic_version = "3" },',
    'firmware = "/usr/share/b.rom",' },
  { "-bios /usr/share/OVMF/OVMF_CODE.fd", 'qemu.bios { "/usr/share/OVMF/OVMF_CODE.fd" },' },
  { "-M firmware=/a.rom -bios /b.rom", 'qemu.bios { "/b.rom" },' },
  { "-accel tcg", 'accel = "tcg",' },
  { "-accel kvm -accel tcg", 'qemu.accel { "kvm" },', 'qemu.accel { "tcg" },' },
  { "-accel tcg -enable-kvm", 'qemu.accel { "tcg" },' },
  { "-cpu host", 'cpu = "host",' },
  { "-cpu max,-vmx,+pdpe1gb,pmu=off", 'qemu.cpu { "max", "-vmx", "+pdpe1gb", pmu = false },' },
  { "-cpu 486", 'cpu = "486",' },
  { "-kernel /boot/vmlinuz -initrd /boot/initrd.img -append quiet", 'kernel = "/boot/vmlinuz",',
    'initrd = "/boot/initrd.img",', 'append = "quiet",' },
  { "-kernel missing/bzImage -append quiet", 'qemu.kernel { "missing/bzImage" },',
    'qemu.append { "quiet" },' },
  { "-uuid 7b10d7af-b932-4c66-b2c3-3996152ec465",
    'uuid = "7b10d7af-b932-4c66-b2c3-3996152ec465",' },
  { "-display none", 'display = "none",' },
  { "-nographic -display gtk", 'qemu.display { "gtk" },' },
  { "-readconfig a.cfg -m 1G", 'qemu.m { "1G" },' },
  { "-nodefaults -no-user-config", "qemu.nodefaults {},", 'qemu["no-user-config"] {},' },
  { "disk.img", 'qemu.hda { "disk.img" },' },
  { "--m 1G --display none", 'memory = "1G",' },
  { "-drive file=a,,b.img,if=virtio,readonly,cache.direct=on",
    'file = "a,b.img", ["if"] = "virtio", readonly = true, ["cache.direct"] = true' },
  { "-drive file=x,file=y", "-- file stood 2 times; QEMU takes the last",
    'qemu.drive { file = "y" },' },
  { "-chardev socket,id=c,path=/s,server,nowait",
    'qemu.chardev { "socket", id = "c", path = "/s", server = true, wait = false },' },
  { "-netdev type=user,id=n,hostfwd=tcp::1-:2,hostfwd=tcp::3-:4",
    'qemu.netdev { "user", id = "n", hostfwd = { "tcp::1-:2", "tcp::3-:4" } },' },
  { "-netdev stream,id=n,addr.type=unix,addr.path=/p",
    'qemu.netdev { "stream", id = "n", addr = { type = "unix", path = "/p" } },' },
  { "-device virtio-9p-pci,fsdev=f,mount_tag=t,disable-modern=true",
    'qemu.device { "virtio-9p-pci", fsdev = "f", mount_tag = "t", disable_modern = "true" },',
    "-- no fsdev has the id 'f'" },
  { '-device {"driver":"e1000","id":"e","addr":"0x2"}',
    'qemu.device { "e1000", id = "e", addr = "0x2" },' },
  { '-blockdev {"driver":"raw","node-name":"r","file":{"driver":"file","filename":"x"}}',
    'qemu.blockdev { "raw", node_name = "r", file = { driver = "file", filename = "x" } },' },
  { '-object {"qom-type":"throttle-group","id":"t","limits":{"iops-total":5}}',
    'qemu.object { "throttle-group", id = "t", limits = { iops_total = 5 } },' },
  { '-object {"qom-type":"throttle-group","id":"t","limits":{}}',
    'qemu.object { "throttle-group", id = "t", limits = {} },' },
  { "-numa node,cpus=0-1,cpus=4", 'qemu.numa { "node", cpus = { "0-1", 4 } },' },
  { "-serial mon:stdio", 'qemu.serial { "stdio", mon = true },' },
  { "-serial tcp::4444,server,nodelay",
    'qemu.serial { "tcp", server = true, nodelay = true, port = 4444 },' },
  { "-audiodev alsa,id=a,in.dev=hw:0",
    'qemu.audiodev { "alsa", id = "a", ["in"] = { dev = "hw:0" } },' },
  { "-sandbox on,spawn=deny", "sandbox = false,", 'qemu.sandbox { "on", spawn = "deny" },' },
  { "-daemonize -pidfile /run/x", "qemu.daemonize {},", 'qemu.pidfile { "/run/x" },' },
  { "-fw_cfg name=opt/a,string=b", 'qemu.fw_cfg { "opt/a", string = "b" },' },
  { "-global driver=e1000,property=mac,value=x",
    'qemu.global { driver = "e1000", property = "mac", value = "x" },' },
}

-- { command line, the raw item, the reason above it }
local raw = {
  { "-id 8006", 'raw { "-id", "8006" },', "no option of QEMU that lunik knows" },
  { "-m 1G -boot", 'raw { "-boot" },', "its value is missing" },
  { "-smp 2,sockets=", 'raw { "-smp", "2,sockets=" },', "sockets: a whole number" },
  { "-machine q35,kernel_irqchip", 'raw { "-machine", "q35,kernel_irqchip" },',
    "no qemu.machine { … } comes out the same" },
  { "-device foo,strange_key=1", 'raw { "-device", "foo,strange_key=1" },',
    "strange_key: no recipe can spell this key" },
  { '-blockdev {"driver":"qcow2","node-name":"q","file":"f","backing":null}',
    "raw { \"-blockdev\", '{\"driver\":\"qcow2\"", "backing: only JSON can say null" },
  { '-blockdev {"driver":"raw","node-name":"q","a.b":"f"}', "raw { \"-blockdev\", ",
    "a name with a dot, which only JSON can say" },
  { '-device {"driver":"x","list":["a","b"]}', "raw { \"-device\", ",
    "a list, which only JSON can say" },
  { "-serial unix:/s,id=x,server", 'raw { "-serial", "unix:/s,id=x,server" },',
    "QEMU takes no notice of 'id=x'" },
  { "-serial udp:h:1,more", 'raw { "-serial", "udp:h:1,more" },', "QEMU takes no notice of" },
  { "-netdev user", 'raw { "-netdev", "user" },', "id is missing" },
  { "-cpu max,sve=off,sve512=on,sve=on", 'raw { "-cpu", "max,sve=off,sve512=on,sve=on" },',
    "comes out the same" },
  { '-device {"driver":"a"} -drive file=x,if=virtio', "raw { \"-device\", '{\"driver\":\"a\"}' },",
    "stays JSON: QEMU makes it after the devices that other options imply" },
  { '-device {"driver":"a","m":[{"n":"b"}]} -device c', "raw { \"-device\", ", "which only JSON" },
  { '-device {"driver":"a","m":{"n":"b"}} -device c', "raw { \"-device\", ",
    "stays JSON: the devices beside it are not" },
}

local function has(text, what)
  if not text:find(what, 1, true) then error(("%s\nis not in\n%s"):format(what, text), 2) end
end

describe("import", function()
  local batch = {}

  for _, case in ipairs(typed) do
    it("types " .. case[1], function()
      local argv = split("qemu-system-x86_64 " .. case[1])
      local made = imported(argv, batch)
      for i = 2, #case do has(made.recipe, case[i]) end
      assert.equal(0, made.counts.raw)
    end)
  end

  for _, case in ipairs(raw) do
    it("keeps " .. case[1], function()
      local made = imported(split("qemu-system-x86_64 " .. case[1]), batch)
      has(made.recipe, case[2])
      has(made.recipe, case[3])
      has(table.concat(made.notes, "\n"), case[3])
      assert.equal(1, made.counts.raw)
    end)
  end

  it("counts every option once", function()
    local made = imported(split "qemu-system-x86_64 -m 1G -S -foo bar -usb disk.img")
    assert.same({ family = 1, qemu = 3, raw = 1 }, made.counts)
  end)

  it("keeps the order of the command line", function()
    local made = imported(split "qemu-system-x86_64 -usb -device a -m 1G -object b,id=o -device c")
    assert.same(split "/usr/bin/qemu-system-x86_64 -m 1G -usb -device a -object b,id=o -device c",
      made.argv)
  end)

  it("puts devices that were JSON where QEMU makes them", function()
    local made = imported { "qemu-system-x86_64", "-device", '{"driver":"a"}', "-device", "b",
      "-device", '{"driver":"c"}' }
    assert.same(split "/usr/bin/qemu-system-x86_64 -device b -device a -device c", made.argv)
    has(made.recipe, "stood earlier: QEMU makes devices given as JSON after the others")
  end)

  it("knows the program by its name, its path, and without one", function()
    has(imported(split "qemu-system-aarch64 -S").recipe, 'arch = "aarch64",')
    local made = imported(split "/opt/qemu.bin/qemu-system-avr.exe -S")
    has(made.recipe, 'qemu = "/opt/qemu.bin/qemu-system-avr.exe",')
    assert.equal("/opt/qemu.bin/qemu-system-avr.exe", made.argv[1])
    made = imported(split "/opt/missing/kvm -S")
    has(made.recipe, "-- the program was /opt/missing/kvm, which is not here")
    assert.equal("/usr/bin/qemu-system-x86_64", made.argv[1])
    assert.same({ "/usr/bin/qemu-system-x86_64", "-S" }, imported(split "-S").argv)
    assert.same({ "/usr/bin/qemu-system-x86_64" }, imported({}).argv)
  end)

  it("goes on without a program that no recipe can name", function()
    local made = imported(split("qemu-system-" .. ("a"):rep(40) .. " -S"))
    has(made.recipe, "-- left out: arch: an architecture such as x86_64 or aarch64 expected")
    assert.same({ "/usr/bin/qemu-system-x86_64", "-S" }, made.argv)
  end)

  it("leaves out what runs QEMU, and says so", function()
    local made = imported(split "sudo -E taskset -c 1 qemu-system-x86_64 -S")
    has(made.recipe, "-- left out: sudo -E taskset -c 1")
    assert.same({ "/usr/bin/qemu-system-x86_64", "-S" }, made.argv)
  end)

  it("takes x86's features with a dash, no other's", function()
    has(imported(split "qemu-system-i386 -cpu max,hv_time=on").recipe, 'hv_time = true')
    has(imported(split "qemu-system-arm -cpu max,hv_time=on").recipe, 'raw { "-cpu"')
  end)

  it("refuses what no command line can hold", function()
    assert.same({ nil, "argv: a NUL byte" },
      { import.argv({ "qemu-system-x86_64", "-name", "a\0b" }, options()) })
    assert.same({ nil, "argv: texts expected" }, { import.argv({ "qemu", 1 }, options()) })
  end)

  it("knows the aliases that the rows have", function()
    local aliases = {}
    for _, row in ipairs(require "lunik.qemu".list()) do
      for _, alias in ipairs(row.aliases or {}) do aliases[alias] = row[1] end
    end
    assert.same(aliases, words.aliases)
  end)

  it("loses nothing of any option's documented forms", function()
    local lost = {}
    for name in require "posix.dirent".files "spec/options" do
      local option = name:match "^(.*)%.lua$"
      for _, case in ipairs(option and dofile("spec/options/" .. name) or {}) do
        local argv = { "qemu-system-x86_64", "-" .. option, case[2] }
        if require "lunik.qemu".rows[option].grammar == "flag" then argv[3] = nil end
        local made = import.argv(argv, options())
        if not made or made.counts.raw > 0 then
          lost[#lost + 1] = table.concat(argv, " ") .. ": " .. table.concat(made.notes, "; ")
        end
      end
    end
    assert.same({}, lost)
  end)
end)

describe("import of a script", function()
  for name in require "posix.dirent".files "spec/import" do
    local stem = name:match "^(.*)%.sh$"
    if stem then
      it(stem .. " prints exactly this recipe", function()
        local host = fakehost.new()
        local argv, line, notes, defaults = shell.command(scratch.read("spec/import/" .. name),
          host)
        assert(argv, line)
        local made = assert(import.argv(argv, { host = host, dir = folder, shown = shell.shown,
          console = true, defaults = defaults,
          head = { ("imported from %s, line %d"):format(name, line), table.unpack(notes) } }))
        assert.equal(scratch.read("spec/import/" .. stem .. ".lua"), made.recipe)
        assert.same(argv_of(made.recipe), made.argv)
      end)
    end
  end

  local function command(text)
    local argv, line, notes = shell.command(text, fakehost.new())
    return argv and shell.shown(table.concat(argv, "|")), line, notes
  end

  local scripts = {
    { "qemu-system-x86_64 -m 1G", "qemu-system-x86_64|-m|1G" },
    { "qemu-system-x86_64 \\\n  -m \\\r\n 1G # -S\n", "qemu-system-x86_64|-m|1G" },
    { "A='x y'; qemu-kvm -name $A -name \"$A\"", "qemu-kvm|-name|x|y|-name|x y" },
    { 'A=1 B=2; exec kvm -m "${A}$B"G', "kvm|-m|12G" },
    { "A=-S; A+=' -usb'; kvm $A", "kvm|-S|-usb" },
    { 'a=(-m 1G); a+=(-S "x y"); kvm "${a[@]}" ${a[1]}', "kvm|-m|1G|-S|x y|1G" },
    { 'kvm -m ${M:-2G} ${N-} "${M:+x}"', "kvm|-m|2G|" },
    { "kvm -m $M -smp $(nproc --all) -name `id -u`x",
      "kvm|-m|$M|-smp|$(nproc --all)|-name|`id -u`x" },
    { 'kvm "$@" $* -S', "kvm|-S" },
    { "kvm -append 'it'\\''s' -name \"a\\$b\\\"\"", "kvm|-append|it's|-name|a$b\"" },
    { "kvm -append $'a\\tb\\x41'", "kvm|-append|a\tbA" },
    { "kvm ~/d.img -hdb=~/x", "kvm|/home/dev/d.img|-hdb=~/x" },
    { "cat > f << EOF\nkvm -m 1\nEOF\nkvm -S 2>&1 > log < /dev/null &", "kvm|-S" },
    { "(cd /x && nice -n 5 kvm -S) || true", "nice|-n|5|kvm|-S" },
    { "if kvm --version; then kvm -m 1G -S; fi", "kvm|-m|1G|-S" },
    { "export QEMU=/opt/qemu-system-arm\n$QEMU -S", "/opt/qemu-system-arm|-S" },
    { "${QEMU_BIN} -S", "${QEMU_BIN}|-S" },
    { "kvm -device '{\"a\":1}' -drive file=#x", 'kvm|-device|{"a":1}|-drive|file=#x' },
    { 'c=(hda b); kvm -append "${c[*]}" -name "x${c[@]}y" ${c[*]}',
      "kvm|-append|hda b|-name|xhda|by|hda|b" },
    { 'c=("a b"); kvm ${c[@]} "${c[@]}"', "kvm|a|b|a b" },
    { "f() { local -a a=(-m 1G); local b=-S c; declare -r d=x; }; kvm ${a[@]} $b $d",
      "kvm|-m|1G|-S|x" },
    { "export -n A=1 B; typeset -i n=1+1; declare -A m=([x]=1); kvm $A $n ${m[x]}",
      "kvm|1|$n|${m[x]}" },
    { "a=(x); a+=y; kvm ${a[@]}", "kvm|xy" },
    { "a=x; a+=(y); kvm ${a[@]}", "kvm|x|y" },
    { "a=(x); a[1]=y; a[1]+=z; kvm ${a[@]}", "kvm|x|yz" },
    { 'a=(x); a[${#a[@]}]=y; kvm "${a[@]}" -S', "kvm|x|y|-S" },
    { 'a=(x); a[$i]=y; kvm "${a[@]}" -S', "kvm|${a[@]}|-S" },
    { 'kvm ${K:-"/x y"} "${K:-"/x y"}" ${K:-\'/x y\'} "${K:-\'x\'}" ${K:-a "b c"}',
      "kvm|/x y|/x y|/x y|'x'|a|b c" },
    { ': "${M:=1G}" ${N=x}; kvm -m $M $N', "kvm|-m|1G|x" },
    { "M=1; for M in 1 2; do kvm -m $M; done", "kvm|-m|$M" },
    { "read -r M N; unset M; kvm -m $M $N", "kvm|-m|$M|$N" },
    { "kvm -m 1G \\", "kvm|-m|1G" },
    { "kvm -m 1G \\\n", "kvm|-m|1G" },
    { "kvm -m 1G \\\n\n", "kvm|-m|1G" },
  }
  for _, case in ipairs(scripts) do
    it("reads " .. case[1]:gsub("\n", "; "), function()
      assert.equal(case[2], (command(case[1])))
    end)
  end

  -- The recipe of a script, and that it says what it is said to.
  local function recipe_of(text)
    local argv, line, notes, defaults = shell.command(text, fakehost.new())
    assert(argv, line)
    local made = assert(import.argv(argv, options { shown = shell.shown, defaults = defaults,
      console = true, head = notes }))
    assert.same(argv_of(made.recipe), made.argv)
    return made.recipe
  end

  local recipes = {
    { "kvm -m ${MEM:-2G}", 'memory = env "MEM" or "2G",' },
    { "kvm -smp ${CPUS:-4}", 'cpus = tonumber(env "CPUS" or "4"),' },
    { "D=${D:-/x}; kvm -hda $D/a -hdb $D", 'qemu.hda { (env "D" or "/x") .. "/a" },',
      'qemu.hdb { env "D" or "/x" },' },
    { "kvm -drive file=${D:-a},id=${D:-a}", 'qemu.drive { file = "a", id = "a" },',
      "-- $D is not set here: its default is taken" },
    { "kvm -m ${M:-2048}", 'memory = "2G",', "-- $M is not set here: its default is taken" },
    { 'kvm -hda "$1"', 'todo "-hda $1: only running the script would tell",' },
    { 'kvm -hda "${1:-/x}"', 'qemu.hda { "/x" },', "-- $1 is not set here: its default is taken" },
    { 'kvm -hda "$DISK" -S', 'todo "-hda $DISK: only running the script would tell",',
      "qemu.S {}," },
    { "kvm -nographic", "console {},", "qemu.nographic {}," },
    { "kvm -serial stdio", "console {}," },
    { "kvm -serial file:x -serial mon:stdio", 'qemu.serial { "file", path = "x" },',
      "-- QEMU's monitor was on it too: lunik qmp has that", "console {}," },
    { "kvm -nographic -serial mon:stdio", "console {},", "qemu.nographic {}," },
  }
  for _, case in ipairs(recipes) do
    it("says of " .. case[1], function()
      local recipe = recipe_of(case[1])
      for i = 2, #case do has(recipe, case[i]) end
      assert.is_true(select(2, recipe:gsub("console {}", "")) <= 1)
    end)
  end

  it("leaves a serial port on the terminal where lunik's console has no place", function()
    for _, text in ipairs { "kvm -nographic -nodefaults", "kvm -nographic -serial null",
      "kvm -nographic -device isa-serial,chardev=c",
      "kvm -serial stdio -chardev null,id=console" } do
      assert.is_nil(recipe_of(text):find "console {}")
    end
    has(recipe_of "kvm -serial stdio -chardev null,id=console", 'qemu.serial { "stdio" },')
  end)

  it("keeps no note on a default that the recipe asks the environment for", function()
    assert.is_nil(recipe_of("kvm -m ${MEM:-2G}"):find "not set here")
    has(recipe_of "kvm -m ${M:-2G} -hda ${M:-2G}2G", "-- $M is not set here: its default is taken")
  end)

  it("says where the command stands, and what it did not do", function()
    local _, line, notes = command 'kvm --help\n[ -n "$X" ] && A=-S\nkvm -m 1G \\\n  $A "$@"\n'
    assert.equal(3, line)
    assert.same({ "$@: the script's own arguments are left out", "left out: another QEMU, line 1",
      "conditions were not tried: what any branch sets is set" }, notes)
  end)

  it("says that there is none", function()
    assert.same({ nil, "no command that runs QEMU" }, { shell.command("ls -l", fakehost.new()) })
  end)

  it("ends with any text", function()
    math.randomseed(7)
    local pieces = { "kvm ", "'", '"', "\\", "\n", "$", "${", "}", "$(", ")", "`", "A=", "(", "<<",
      "EOF", " ", ";", "#", "|", "&", ">", "~", "[@]", "-m", "\0", "\xff", "A[1]" }
    for _ = 1, 3000 do
      local text = {}
      for i = 1, math.random(1, 25) do text[i] = pieces[math.random(#pieces)] end
      shell.command(table.concat(text), fakehost.new())
    end
  end)
end)

describe("import of a process", function()
  it("makes paths absolute that its folder explains", function()
    local dir = scratch.new()
    scratch.write(dir .. "/a,b.img", "")
    local line = table.concat({ "qemu-system-x86_64", "-hda", "a,b.img", "-drive",
      "file=a,,b.img,format=raw", "-blockdev", '{"driver":"file","filename":"a,b.img"}', "-kernel",
      "nowhere", "a,b.img", "-S", "" }, "\0")
    local real = require "lunik.host"
    local host = setmetatable({ contents = function() return line end,
      kind = function(path) return path:find "^/proc" and "directory" or real.kind(path) end,
      real = function() return dir end }, { __index = real })
    local argv, where, changed = proc.argv(1, host)
    local path = dir .. "/a,b.img"
    assert.same({ "qemu-system-x86_64", "-hda", path, "-drive",
      "file=" .. path:gsub(",", ",,") .. ",format=raw", "-blockdev",
      ('{"driver":"file","filename":"%s"}'):format(path), "-kernel", "nowhere", path, "-S" }, argv)
    assert.equal(dir, where)
    assert.is_true(changed)
    scratch.remove(dir)
  end)

  it("reads a QEMU that runs", function()
    local dir = scratch.new()
    local path = require "lunik.host".program "qemu-system-x86_64"
    local child <close> = assert(core.proc.spawn { argv = { path, "-S", "-display", "none", "-m",
      "64", "-nodefaults", "-name", "it's" }, cwd = dir, pdeathsig = 9 })
    local argv, where = proc.argv(child:pid(), require "lunik.host")
    child:signal(9)
    child:wait(10)
    scratch.remove(dir)
    assert.same({ path, "-S", "-display", "none", "-m", "64", "-nodefaults", "-name", "it's" },
      argv)
    assert.equal(dir, where)
  end)

  it("says that there is none", function()
    assert.same({ nil, "no process 4194305" }, { proc.argv(4194305, require "lunik.host") })
  end)
end)

describe("import, by chance,", function()
  it("never loses or breaks what it cannot say", function()
    math.randomseed(11)
    local names = require "lunik.qemu".names()
    local values = { "on", "a=b", "x,y", "id=z", "", ",", "a,,b", "4", "{}", '{"driver":"a"}', "-x",
      "type=user,id=n", "a.b=c,a.0=d", "no", "nofoo", "k=on,k=off", "\xff", "a b", "é", "mon:stdio",
      "unix:/x,server=on", "_a=1", "a_b=2", "e1000,id=e", "driver=e1000", "file=x,if=virtio" }
    local batch = {}
    for _ = 1, 400 do
      local argv = { "qemu-system-x86_64" }
      for _ = 1, math.random(1, 8) do
        local name = math.random(10) == 1 and "strange" or names[math.random(#names)]
        argv[#argv + 1] = (math.random(8) == 1 and "--" or "-") .. name
        if math.random(4) > 1 then argv[#argv + 1] = values[math.random(#values)] end
      end
      local made = imported(argv, batch)
      -- what came out goes in and comes out again as it is
      local again = assert(import.argv(made.argv, options()))
      assert.same(made.argv, again.argv, table.concat(argv, " "))
    end
  end)

  it("prints any bytes as Lua that means them", function()
    math.randomseed(3)
    for _ = 1, 5000 do
      local bytes = {}
      for i = 1, math.random(0, 12) do
        local kind = math.random(3)
        bytes[i] = kind == 1 and string.char(math.random(0, 255))
          or kind == 2 and utf8.char(math.random(0, 0x10ffff)) or string.char(math.random(32, 126))
      end
      local text = table.concat(bytes)
      local printed = quote.string(text)
      assert.equal(text, load("return " .. printed)())
      assert.is_truthy(utf8.len(printed))
      assert.is_nil(printed:find "%c")
    end
  end)
end)

describe("a pair of flash", function()
  local VARS, MINE = "/usr/share/OVMF/OVMF_VARS", "/srv/vars.fd"
  local stamps = { [VARS .. ".fd"] = { bytes = 540672 }, [VARS .. ".ms.fd"] = { bytes = 540672 },
                   [MINE] = { bytes = 540672 } }

  -- The recipe of a q35 with flash of this code, these variables and what else is said.
  local function recipe_of(code, vars, more)
    local argv = split(("qemu-system-x86_64 -M q35%s -drive if=pflash,format=raw,unit=0,"
      .. "readonly=on,file=%s -drive if=pflash,format=raw,unit=1,file=%s"):format(more or "", code,
      vars))
    return assert(import.argv(argv, { host = fakehost.new { stamps = stamps }, dir = folder,
                                      console = true })).recipe
  end

  local PLAIN, SIGNED = "/usr/share/OVMF/OVMF_CODE.fd", "/usr/share/OVMF/OVMF_CODE.ms.fd"
  local SMM = ",smm=on -global driver=cfi.pflash01,property=secure,value=on"

  it("is the machine's firmware where that gives the guest the same", function()
    assert.matches(('firmware = { code = "%s", store = "%s" },'):format(PLAIN, MINE),
                   recipe_of(PLAIN, MINE), 1, true)
    local beside = recipe_of(PLAIN, MINE, " -serial stdio")
    assert.matches("firmware = {", beside, 1, true)
    assert.matches("console {}", beside, 1, true)
    local secure = recipe_of(SIGNED, MINE, SMM)
    assert.matches(('firmware = { code = "%s", store = "%s" },'):format(SIGNED, MINE), secure, 1,
                   true)
    assert.not_matches("qemu.global", secure, 1, true)
  end)

  -- The same by nodes, such as those of libvirt: machine, and the nodes of code and variables.
  local function recipe_by_nodes(machine, code, vars, more)
    local argv = split(("qemu-system-x86_64 -blockdev %s -blockdev %s -machine %s %s"):format(code,
      vars, machine, more or ""))
    return assert(import.argv(argv, { host = fakehost.new { stamps = stamps }, dir = folder,
                                      console = true })).recipe
  end

  local P0, P1 = "driver=file,node-name=p0,filename=%s,read-only=on", "driver=file,node-name=p1,"
    .. "filename=" .. MINE
  local LIBVIRT = [[{"driver":"file","filename":"%s","node-name":"s%d","auto-read-only":true,]]
    .. [["discard":"unmap"} -blockdev {"node-name":"f%d","read-only":%s,"driver":"raw",]]
    .. [["file":"s%d"}]]

  it("may be nodes that the machine names", function()
    local field = ('firmware = { code = "%s", store = "%s" },')
    local one = recipe_by_nodes("q35,pflash0=p0,pflash1=p1", P0:format(PLAIN), P1)
    assert.matches(field:format(PLAIN, MINE), one, 1, true)
    assert.not_matches("blockdev", one, 1, true)
    local secure = recipe_by_nodes("pc-q35-7.2,pflash0=p0,pflash1=p1,smm=on", P0:format(SIGNED), P1,
      "-global driver=cfi.pflash01,property=secure,value=on")
    assert.matches(field:format(SIGNED, MINE), secure, 1, true)
    assert.matches("pc-q35-7.2", secure, 1, true)
    local libvirt = recipe_by_nodes("q35,usb=off,pflash0=f0,pflash1=f1",
      LIBVIRT:format(PLAIN, 0, 0, "true", 0), LIBVIRT:format(MINE, 1, 1, "false", 1))
    assert.matches(field:format(PLAIN, MINE), libvirt, 1, true)
  end)

  it("stays nodes where it would be something else", function()
    for _, case in ipairs {
      { "q35,pflash0=p0,pflash1=p1", P0:format(SIGNED), P1 },
      { "q35,pflash0=p0,pflash1=p1", P0:format "/srv/code.fd", P1 },
      { "q35,pflash0=p0,pflash1=p1", P0:format(PLAIN), P1 .. ",read-only=on" },
      { "q35,pflash0=p0,pflash1=p1", P0:format(PLAIN), P1 .. ",locking=off" },
      { "q35,pflash0=p0,pflash1=p9", P0:format(PLAIN), P1 },
      { "q35,pflash0=p0", P0:format(PLAIN), P1 },
      { "q35,pflash0=p0,pflash1=p1", P0:format(PLAIN), "driver=raw,node-name=p1,file=p1" } } do
      local recipe = recipe_by_nodes(table.unpack(case))
      assert.not_matches("firmware = {", recipe, 1, true)
      assert.matches("pflash0", recipe, 1, true)
    end
  end)

  it("stays what it is where it would be something else", function()
    for _, case in ipairs { { SIGNED, MINE }, { SIGNED, MINE, ",smm=on" }, { PLAIN, MINE, SMM },
      { "/srv/code.fd", MINE }, { PLAIN, VARS .. ".fd" }, { PLAIN, "/srv/other.fd" },
      { PLAIN, MINE, " -drive if=pflash,unit=2,file=/srv/third.fd" },
      { PLAIN, MINE, " -bios /srv/bios.bin" } } do
      local recipe = recipe_of(table.unpack(case, 1, 3))
      assert.not_matches("firmware = {", recipe, 1, true)
      assert.matches('["if"] = "pflash"', recipe, 1, true)
    end
  end)
end)
