-- examples/extension, a rock of its own: installed by luarocks it adds to lunik whatever can be
-- added, without a file of lunik's being touched; removed, nothing of it stays; two extensions that
-- want the same name are refused.
local core = require "lunik.core"
local house = require "support.house"
local run = require "support.run"
local scratch = require "support.scratch"
local stat = require "posix.sys.stat"
local unistd = require "posix.unistd"

local ROCK = "lunik-sshfs"
local MOUNT = 'nic {}, mount { kind = "sshfs", source = "dev@10.0.2.2:/srv", to = "/srv" },'

describe("an extension", function()
  local home, tree

  -- `luarocks --lua-version 5.4 …` with the rock's folder copied, so that nothing is written here
  local function luarocks(...)
    local reader, writer = unistd.pipe()
    local child, out = run.start { path = true, cwd = home.dir .. "/rock", fds = { [2] = writer },
      env = { "PATH=" .. os.getenv "PATH", "HOME=" .. home.dir },
      argv = { "luarocks", "--lua-version", "5.4", "--tree", tree, ... } }
    unistd.close(writer)
    local text = run.drain(out) .. run.drain(reader)
    assert.same({ "exited", 0 }, { child:wait(120) }, text)
  end

  before_each(function()
    home = house.new()
    tree = home.dir .. "/tree"
    run.output { path = true, argv = { "cp", "-R", "examples/extension", home.dir .. "/rock" } }
    luarocks("make", "--deps-mode", "none")
    table.insert(home.env, ("LUA_PATH=%s/share/lua/5.4/?.lua;;"):format(tree))
  end)
  after_each(function() home:close() end)

  local function says(status, pattern, ...)
    local code, text, errors = home:lunik(...)
    assert.matches(pattern, text .. errors)
    assert.equal(status, code)
  end

  -- Another extension beside it: the texts of its files by their names.
  local function beside(files)
    stat.mkdir(tree .. "/share/lua/5.4/lunik/ext/other")
    for name, text in pairs(files) do
      scratch.write(("%s/share/lua/5.4/lunik/ext/%s.lua"):format(tree, name), text)
    end
  end

  it("is known to help, version, doctor, check and plan", function()
    says(0, "extension sshfs 0%.1, /[^\n]*/lunik/ext/sshfs%.lua\n", "version")
    local listed = home:json("version", "--json").extensions
    assert.same({ "sshfs", "0.1" }, { listed[1].name, listed[1].version })
    says(0, 'kind = "sshfs": of any host that the guest reaches by ssh', "help", "mount")
    says(0, "vm:sshfs%(%): what the guest has mounted", "help", "vm.sshfs")
    says(0, "\n  vm:sshfs ", "help", "vm")
    says(0, 'on%("SSHFS_LOST", function', "help", "SSHFS_LOST")
    says(0, "\n  sshfs +list what a machine has mounted over sshfs\n", "help")
    says(0, "a check of machines: sshfs: mounts over sshfs have a network\n", "help", "sshfs")
    local found = {}
    for _, one in ipairs(core.json.decode((select(2, home:lunik("doctor", "--json")))).findings) do
      found[one.check] = one.text
    end
    assert.equal("sshfs", found.extensions)
    assert.truthy(found.sshfs)
    local recipe = home:small("dev", "agent {}, " .. MOUNT)
    says(0, "fuse%.sshfs srv on /srv", "plan", recipe)
    says(0, "dev is fine", "check", "--no-host", recipe)
  end)

  it("adds families and options, which help and completion know", function()
    beside { other = [[local own = "lunik.ext.other."
      return { signs = { jam = own .. "sign" },
               families = { box = own .. "box" }, kinds = { box = { box = own .. "kind" } },
               options = { ["box-door"] = own .. "door" } }]],
      ["other/sign"] = "return { name = 'the door is jammed', text = 'door: jammed' }",
      ["other/box"] = "return { doc = 'a box', once = true }",
      ["other/kind"] = [[local ext = require "lunik.ext"
        return { doc = "a box", fields = { { "name", kind = ext.kind.string, required = true } },
          emit = function(plan, box)
            plan:add(ext.qemu.device { "virtio-rng-pci", id = box.name })
          end }]],
      ["other/door"] = "return { doc = 'the door of a box', grammar = 'flag' }" }
    says(0, "box { … }: a box\n", "help", "box")
    says(0, "\n  box { … }: a box\n.*\n  a sign on the console: jam\n", "help", "other")
    says(0, "qemu%.box%-door: the door of a box", "help", "qemu.box-door")
    says(0, "%-device\nvirtio%-rng%-pci,id=b1.*\n%-box%-door", "argv",
      home:small("dev", 'box { name = "b1" }, qemu["box-door"] {},'))
    says(1, "dev%.lua:4: box%.nam: no such field; did you mean 'name'%?.*box: already given at ",
      "argv", home:small("dev", 'box { name = "b1" }, box { nam = 1, name = "b" },'))
    says(1, "no such name 'boxx'; did you mean 'box'%?", "argv", home:small("dev", "boxx {},"))
  end)

  it("has its mistakes told at their lines", function()
    local function wrong(text, items)
      says(1, "dev%.lua:4: " .. text, "check", "--no-host", home:small("dev", items))
    end
    wrong("mount: sshfs needs a network: nic {}\n", (MOUNT:gsub("nic {}, ", "")))
    wrong("mount%.source: USER@HOST:PATH expected, got 'here'\n",
      (MOUNT:gsub('"dev@.-"', '"here"')))
    wrong("mount%.kind: no mount of kind 'sshsf'; there are: virtiofs, 9p, sshfs; did you mean "
      .. "'sshfs'%?\n", (MOUNT:gsub('"sshfs"', '"sshsf"')))
    wrong("mount%.reconect: no such field; did you mean 'reconnect'%?\n",
      (MOUNT:gsub(" },", ", reconect = true },")))
  end)

  it("says what a clone of its machine has of it", function()
    local function forked(items)
      return "check", "--no-host", home:small("dev", "agent {}, template {}, " .. items)
    end
    says(0, "dev is fine", forked(MOUNT))
    says(1, "dev%.lua:4: mount%.reconnect: it cannot be forked: its connection stays behind: ",
      forked(MOUNT:gsub(" },", ", reconnect = false },")))
    local row = [[return { doc = "a box", fields = {}, emit = function() end, %s }]]
    local function box(words)
      beside { other = [[local own = "lunik.ext.other."
        return { families = { box = own .. "box" }, kinds = { box = { box = own .. "kind" } } }]],
        ["other/box"] = "return { doc = 'a box' }", ["other/kind"] = row:format(words) }
      return forked "box {},"
    end
    says(0, "dev is fine", box 'fork = "new"')
    says(1, "dev%.lua:4: box: it cannot be forked: its kind does not say", box "")
    says(1, "dev%.lua:4: box: it cannot be forked: there is one\n",
      box 'fork = "refuse", no_fork = "there is one"')
    says(1, "the extension 'other' %(/.-%): kinds 'box box': its fork is one of new, refuse, "
      .. "share, not 'shared'; did you mean 'share'%?\n", box 'fork = "shared"')
  end)

  it("serves a machine: method, verb, command, event, policy", function()
    local recipe = home:small("dev", [[ agent {}, nic {}, hotplug { ports = 2 },
      require "lunik.ext.sshfs" { below = "]] .. home.dir .. [[/rock" },
      on("SSHFS_LOST", function(_, event) print("lost " .. event.to) end),
      on("ready", function(vm)
        print(vm:announce("SSHFS_LOST", { to = "/srv" }), #vm:sshfs())
        print(select(2, vm:announce("SSHFS_LOST", { tag = "srv" })))
        print(select(2, vm:announce("SSHFS_LOSD", {})))
      end)]])
    local _, told = home:does("up", recipe)
    assert.matches("dev: true\t0\n", told)
    assert.matches("dev: SSHFS_LOST: to is missing\tinvalid\n", told)
    assert.matches("dev: no extension announces 'SSHFS_LOSD'; did you mean 'SSHFS_LOST'%?\tmiss",
      told)
    home:start({}, "logs", "-f", "dev"):expect "%d lost /srv\r?\n"
    says(0, "^$", "sshfs", "dev")
    says(0, "^%[%]\n$", "qmp", "dev", "lunik-sshfs")
    says(1, "lunik%-sshg has not been found; did you mean 'lunik%-ssh", "qmp", "dev", "lunik-sshg")
    says(1, "refused by the policy at [^\n]*dev.lua:5: sshfs: only below ", "mount", "dev",
      home.dir .. "/state")
    says(0, "/mnt/lua", "mount", "dev", home.dir .. "/rock/lua")
    home:does("down", "dev")
  end)

  it("leaves nothing when its rock is removed", function()
    luarocks("remove", ROCK)
    says(2, "no verb 'sshfs'", "sshfs")
    says(1, "mount%.kind: no mount of kind 'sshfs'; there are: virtiofs, 9p", "check",
      home:small("dev", MOUNT))
    says(1, "require: no extension 'lunik%.ext%.sshfs' is installed", "check",
      home:small("dev", 'require "lunik.ext.sshfs" {},'))
    assert.same({}, home:json("version", "--json").extensions)
  end)

  it("that wants a name of another's, or of lunik's own, is refused, and both are named", function()
    beside { other = [[local own = "lunik.ext.other.row"
      return { verbs = { sshfs = own, up = own }, kinds = { mount = { sshfs = own } } }]],
      ["other/row"] = "return { summary = 'other' }" }
    says(2, "verbs 'sshfs' comes from two extensions, other %(/.-/other%.lua%) and sshfs %(/.-/"
      .. "sshfs%.lua%): remove one", "sshfs")
    says(1, "dev%.lua:4: mount%.kind: kinds 'mount sshfs' comes from two extensions, other",
      "check", home:small("dev", MOUNT))
    says(1, "fail +extensions +the extension 'other' %(/.-/other%.lua%): verbs 'up' is lunik's "
      .. "own\n", "doctor")
    says(1, "^lunik up: no such recipe 'vm%.lua'; lunik init writes one\n$", "up")
  end)

  it("that is broken is told by its name, and harms nobody who does not use it", function()
    local texts = {
      ["return {"] = "other.lua:1: ", ["return 5"] = "a table or a function expected",
      ["return { verb = {} }"] = "no field 'verb'; did you mean 'verbs'?",
      ["return { verbs = 5 }"] = "verbs: a table expected",
      ["return { kinds = { mount = 5 } }"] = "kinds: { FAMILY = { KIND = module } } expected",
      ["return { verbs = { x = 'os' } }"] = "verbs.x: a module 'lunik.ext.other.…' expected, got",
    }
    for text, why in pairs(texts) do
      beside { other = text }
      local _, shown = home:lunik("doctor")
      assert.truthy(shown:find("other.lua): ", 1, true) and shown:find(why, 1, true), shown)
    end
    beside { other = "error 'it raises'" }
    says(0, "dev is fine", "check", "--no-host", home:small("dev", ""))
    says(1, "dev%.lua:4: require: .*it raises", "check",
      home:small("dev", 'require "lunik.ext.other" {},'))
    beside { other = [[local own = "lunik.ext.other."
      return { verbs = { raises = own .. "raises", bare = own .. "bare", gone = own .. "gone" } }]],
      ["other/raises"] = "return { summary = 'raises', run = function() error 'oh' end }",
      ["other/bare"] = "return {}" }
    says(2, "other' %(/.-%): verbs 'gone': no module 'lunik.ext.other.gone' is installed", "gone")
    says(2, "other' %(/.-%): verbs 'bare': its row has no run, a function\n", "bare")
    says(70, "^lunik: bug of the extension 'other': .*oh", "raises")
  end)

  it("that is broken in any of its parts is listed nowhere, and leaves the rest alone", function()
    local function broken(row)
      beside { other = [[local own = setmetatable({}, { __index = function(_, name)
          return { [name] = "lunik.ext.other.row" } end })
        return { families = { box = "lunik.ext.other.box" },
          kinds = { mount = own.nfs, box = own.box }, options = own["box-door"], verbs = own.boxes,
          methods = own.boxes, events = own.BOXED, doctor = own.boxes, signs = own.jam }]],
        ["other/box"] = "return { doc = 'a box' }", ["other/row"] = row }
    end
    local dev = home:small("dev", 'mount { from = "/tmp", too = "/srv" },')
    for _, row in ipairs { "error 'oh'", "return {}", "return 5", "return {" } do
      broken(row)
      says(0, "^lunik launches", "help")
      says(0, '%f[%w]kind = "sshfs"', "help", "mount")
      says(0, "\n  vm:sshfs ", "help", "vm")
      says(0, "kinds 'box box': ", "help", "other")
      says(1, "the extension 'other' %(/.-%): kinds 'box box': ", "help", "box")
      says(1, "the extension 'other' %(/.-%): methods 'boxes': ", "help", "vm.boxes")
      says(2, "nothing about 'boxxes'", "help", "boxxes")
      says(1, "dev%.lua:4: mount%.too: no such field; did you mean 'to'%?\n", "check", dev)
      says(1, "fail +extensions +the extension 'other' .*kinds 'box box': ", "doctor")
      says(1, "the extension 'other' %(/.-%): kinds 'box box': ", "check",
        home:small("box", "box {},"))
    end
    for why, row in pairs {
      ["verbs 'boxes': its args: [^\n]*row%.lua:1: oh"] = "args = function() error 'oh' end",
      ["verbs 'boxes': its args is no function"] = "args = 5",
      ["kinds 'mount nfs': its fields, the 2%.: { \"name\", kind = ext%.kind%.… } expected"] =
        "fields = { { 'x', kind = require 'lunik.ext'.kind.string }, { 'name' } }",
      ["methods 'boxes': its takes, the 1%.: { \"name\", type = \"…\" } expected"] =
        "takes = { 5 }",
      ["events 'BOXED': its carries is no table"] = "carries = 5",
    } do
      broken(("return { name = '', text = '', doc = 'a row', summary = 'a row', grammar = 'flag', "
        .. "fields = {}, emit = next, run = next, look = type, %s }"):format(row))
      says(1, "fail +extensions +the extension 'other' [^\n]*" .. why, "doctor")
      says(0, "^lunik launches", "help")
      says(0, "^Usage", "--help")
      says(0, "^mount", "help", "mount")
      says(0, "^vm", "help", "vm")
    end
    broken "return { doc = 'a box', fields = {}, emit = function() end }"
    scratch.write(tree .. "/share/lua/5.4/lunik/ext/other/box.lua",
      "return { doc = 'a box', kinds = { 'big' } }")
    says(1, "the extension 'other': families 'box': kinds has no { box = { big = … } }", "check",
      home:small("box", "box {},"))
    scratch.write(tree .. "/share/lua/5.4/lunik/ext/other/box.lua",
      "return { doc = 'a box', kinds = { {} } }")
    says(1, "families 'box': its kinds is no list of names", "check", home:small("box", "box {},"))
  end)
end)
