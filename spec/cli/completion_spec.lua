-- Completion: what the words of a command line may become, and the shells that ask for it.
local cli = require "lunik.cli"
local core = require "lunik.core"
local house = require "support.house"
local run = require "support.run"
local scratch = require "support.scratch"
local stat = require "posix.sys.stat"
local usage = require "lunik.cli.usage"

describe("completion", function()
  local home

  setup(function()
    home = house.new()
    for _, name in ipairs { "lunik", "lunik/dev", "lunik/web" } do
      stat.mkdir(home.dir .. "/state/" .. name, 448)
    end
    for _, name in ipairs { "dev", "web" } do
      scratch.write(("%s/state/lunik/%s/machine.json"):format(home.dir, name),
        core.json.encode { recipe = home.dir .. "/vm.lua", set = {} })
    end
    stat.mkdir(home.dir .. "/folder", 448)
    stat.mkdir(home.dir .. "/bin", 448)
    require "posix.unistd".link(house.program, home.dir .. "/bin/lunik", true)
    scratch.write(home.dir .. "/first.lua", "return machine {}")
    scratch.write(home.dir .. "/disk one.raw", "")
    home.env[1] = ("PATH=%s/bin:%s"):format(home.dir, os.getenv "PATH")
  end)
  teardown(function() home:close() end)

  -- The candidates for the last word, by what they are; and the kind of paths.
  local function candidates(...)
    local found, kind = {}, nil
    for line in home:does("complete", ...):gmatch "[^\n]+" do
      local word, doc = line:match "^([^\t]*)\t(.*)$"
      if word then found[word] = doc else kind = line:sub(2) end
    end
    return found, kind
  end

  local function words(...)
    local list = {}
    for word in pairs((candidates(...))) do list[#list + 1] = word end
    table.sort(list)
    return list
  end

  it("knows what every argument and every value of an option may be", function()
    local known, asked = require "lunik.cli.complete.candidates", {}
    for _, name in ipairs(cli.verbs) do
      local described = usage.of(cli.verb(name))
      for _, list in ipairs { described.arguments, described.options } do
        for _, each in ipairs(list) do
          local own = name .. "." .. each.name
          asked[own], asked[each.name] = true, true
          assert(each.flag or each.choices or known[own] ~= nil or known[each.name] ~= nil, own)
        end
      end
    end
    for name in pairs(known) do assert(asked[name], name .. ": nothing is called so") end
  end)

  it("has the verbs and their options with what they do", function()
    assert.equal("start machines that live on their own", candidates "u".up)
    assert.same({ "unit", "unmount", "unplug", "up" }, words "u")
    assert.same({ "--json", "--lines", "--source" }, (function()
      local list = words("logs", "-f", "dev", "--follow", "--")
      return { list[2], list[3], list[4] }
    end)())
    assert.same({ "--source=qemu" }, words("logs", "--source=q"))
    assert.same({ "qemu" }, words("logs", "--source", "q"))
    assert.same({}, words("nosuch", ""))
  end)

  it("has the names of machines, with their recipes", function()
    assert.equal(home.dir .. "/vm.lua", candidates("rm", "").dev)
    assert.same({ "dev", "web" }, words("rm", ""))
    assert.same({ "web" }, words("up", "w"))
    assert.equal("recipes", select(2, candidates("up", "")))
    assert.same({ "web" }, words("rm", "dev", "w"))
  end)

  it("offers nothing where the guest's own words stand", function()
    assert.same({}, words("exec", "dev", "l"))
    assert.same({}, words("exec", "dev", "--"))
    assert.same({}, words("run", "--", ""))
  end)

  it("has the fields of a machine and of devices, and their values", function()
    assert.truthy(candidates("run", "--set", "")["cpus="])
    assert.same({ "defaults=false", "defaults=true" }, words("run", "--set", "defaults="))
    assert.same({ "type=q35" }, words("run", "--set", "type=q3"))
    assert.equal("files", select(2, candidates("run", "--set", "kernel=")))
    assert.truthy(candidates("plug", "dev", "")["mount"])
    assert.truthy(candidates("plug", "dev", "mount", "")["cache="])
    assert.is_nil(candidates("plug", "dev", "mount", "from=/x", "")["from="])
    assert.same({ "kind=9p" }, words("plug", "dev", "mount", "kind=9"))
    assert.truthy(candidates("plug", "-m", "dev", "mount", "kind=9p", "")["security="])
    assert.is_nil(candidates("plug", "dev", "mount", "")["security="])
  end)

  it("has what the QEMU of this host knows: drivers, their properties", function()
    assert.truthy(candidates("plug", "dev", "device", "driver=virtio-rng")["driver=virtio-rng-pci"])
    assert.truthy(candidates("plug", "dev", "device", "driver=virtio-rng-pci", "")["max-bytes="])
    assert.truthy(candidates("plug", "dev", "chardev", "backend=")["backend=socket"])
    assert.truthy(candidates("qmp", "dev", "query-b")["query-block"])
    assert.truthy(candidates("help", "qemu.dev")["qemu.device"])
    assert.truthy(candidates("events", "-e", "SHUT").SHUTDOWN)
    assert.truthy(candidates("doctor", "k").kvm)
    assert.truthy(candidates("qmp", "dev", "lunik-mo")["lunik-mounts"])
  end)

  it("asks a machine that runs for its mounts, devices and ports", function()
    local path = home:recipe("small", ([[return machine { name = "small", accel = "tcg",
      memory = "64M", append = "", kernel = %q, nic { forward = { ssh = 22 } },
      mount { kind = "9p", from = ".", tag = "shared" }, hotplug { ports = 2 } }]]):format(
      house.guest .. "/vmlinux"))
    home:does("up", path)
    assert.same({ "small" }, words("pause", ""))
    assert.truthy(candidates("unmount", "small", "").shared)
    assert.truthy(candidates("unmount", "").shared)
    assert.same({ "ssh" }, words("forward", "small", "remove", ""))
    home:does("plug", "small", "device", "driver=virtio-rng-pci", "id=dice")
    assert.truthy(candidates("unplug", "small", "").dice)
    assert.equal(1, #words("mount", "--port", ""))
    home:does("down", "--force", "small")
  end)

  local function shell(argv)
    local out, how, status = run.output { argv = argv, path = true, env = home.env,
      cwd = home.dir, fds = { [2] = 2 } }
    assert.same({ "exited", 0 }, { how, status })
    return out
  end

  it("is loaded by bash, which completes at the terminal", function()
    local one = require "support.program".start({ "bash", "--norc", "--noprofile", "-i" },
      { env = home.env, cwd = home.dir, terminal = true })
    table.insert(home.started, one)
    one:send "PS1='ready> '; source <(lunik completion bash); bind 'set bell-style none'\n"
    one:expect "\nready> "
    for typed, becomes in pairs {
      ["lunik resta"] = "lunik restart ", ["lunik rm we"] = "lunik rm web ",
      ["lunik run --set defaults=f"] = "lunik run %-%-set defaults=false ",
      ["lunik run --set cpu_"] = "lunik run %-%-set cpu_",
      ["lunik plug dev mount ca"] = "lunik plug dev mount cache=",
      ["lunik plug dev disk file=di"] = "lunik plug dev disk file=disk\\ one%.raw ",
      ["lunik up fi"] = "lunik up first%.lua ",
      ["lunik init --mount fo"] = "lunik init %-%-mount folder/",
      ["lunik logs --source=qe"] = "lunik logs %-%-source=qemu ",
    } do
      one:send(typed .. "\t#")
      one:expect(becomes .. "#")
      one:send "\21"
    end
    one:send "exit\n"
  end)

  it("is loaded by fish", function()
    local function fish(line)
      return shell { "fish", "--no-config", "-c",
        "lunik completion fish | source; complete -C " .. ("'%s'"):format(line) }
    end
    assert.equal("restart\tstop machines and start them again\n", fish "lunik resta")
    assert.matches("^web\t", fish "lunik rm we")
    assert.matches("defaults=false\n", fish "lunik run --set defaults=f")
    assert.matches("cache=\t", fish "lunik plug dev mount ca")
    assert.matches("disk one%.raw", fish "lunik plug dev disk file=di")
    assert.matches("^file=", fish "lunik plug dev disk file=di")
    assert.matches("first%.lua", fish "lunik up fi")
    assert.is_nil(fish "lunik up di":find "raw")
    assert.matches("folder/", fish "lunik init --mount fo")
    assert.matches("%-%-source=qemu", fish "lunik logs --source=qe")
  end)

  -- zsh completes in a zle of its own: zpty is a terminal for it.
  local ZSH = [=[
    zmodload zsh/zpty
    fpath=(. $fpath)
    lunik completion zsh >_lunik
    zpty z zsh -f -i
    zpty -w z 'PS1=re"ady> "; fpath=($PWD $fpath); autoload -U compinit; compinit -u -d dump'
    zpty -r z part '*ready> *'
    for typed; do
      zpty -n -w z "$typed"$'\t#'
      zpty -r z part '*[#]*'
      print -r -- "$part"
      zpty -n -w z $'\C-u'
    done
    zpty -w z exit
    zpty -d z
  ]=]

  local function zsh(...)
    scratch.write(home.dir .. "/zsh", ZSH)
    return shell { "timeout", "100", "zsh", "-f", home.dir .. "/zsh", ... }
  end

  it("is loaded by zsh", function()
    local text = zsh("lunik resta", "lunik rm we", "lunik run --set defaults=f",
      "lunik plug dev mount ca", "lunik up fi", "lunik plug dev disk file=di",
      "lunik logs --source=qe")
    text = text:gsub("[%c]", "")
    for _, becomes in ipairs { "restart ", "rm web ", "defaults=false ", "mount cache=#",
      "up first%.lua ", "file=disk\\ one%.raw ", "%-%-source=qemu " } do
      assert.matches(becomes, text)
    end
  end)
end)
