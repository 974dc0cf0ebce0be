-- The walks of CONTRIBUTING, gone for real on a copy of lua/: what is new touches as many files as
-- they say, and help, docs, checks, the command line, the wire and a running machine know it.
local after = require "support.faults.after"
local house = require "support.house"
local run = require "support.run"
local scratch = require "support.scratch"

describe("a walk:", function()
  local home, tree, touched

  before_each(function()
    home, touched = house.new(), {}
    tree = home.dir .. "/lua"
    local _, how, status = run.output { argv = { "cp", "-R", "lua", tree }, path = true }
    assert.same({ "exited", 0 }, { how, status })
    -- the modules as they are written; the core and the program are those of the build
    scratch.write(home.dir .. "/lunik", ("package.path = %q package.cpath = %q %s"):format(
      ("%s/?.lua;%s/?/init.lua;%s"):format(tree, tree, package.path), package.cpath,
      "os.exit(require 'lunik.cli'.main(arg))"))
  end)
  after_each(function() home:close() end)

  local function touch(path)
    touched[#touched + 1] = path
    return tree .. "/lunik/" .. path
  end

  -- A new file.
  local function write(path, text) scratch.write(touch(path), text) end

  -- A line more in a file that there is.
  local function add(path, before, text)
    local file = touch(path)
    local source = scratch.read(file)
    local from, to = source:find(before, 1, true)
    assert(from, path .. ": no " .. before)
    scratch.write(file, source:sub(1, to) .. text .. source:sub(to + 1))
  end

  local function lunik(...)
    local reader, writer = require "posix.unistd".pipe()
    local child, out = run.start { path = true, env = home.env, cwd = home.dir,
      argv = { run.interpreter, home.dir .. "/lunik", ... }, fds = { [2] = writer } }
    require "posix.unistd".close(writer)
    local text, errors = run.drain(out), run.drain(reader)
    local _, status = child:wait(120)
    return status, text, errors
  end

  local function says(pattern, ...)
    local status, text, errors = lunik(...)
    assert.matches(pattern, text .. errors)
    return status
  end

  local TMPFS = [[
    local kind = require "lunik.schema.kind"
    local share = require "lunik.device.mount.share"
    local tmpfs = { doc = "memory of the guest's own", no_plug = "it is the guest's own",
      fields = {
        { "to", kind = share.in_guest, required = true, doc = "where the guest mounts it" },
        { "tag", kind = kind.string, default = "scratch", doc = "what it is called" },
        { "size", kind = kind.size, default = 1 << 20, doc = "how much it holds" } } }
    function tmpfs.emit(plan, mount)
      plan:share { tag = mount.tag, type = "tmpfs", source = mount.tag, to = mount.to,
                   options = { ("size=%d"):format(mount.size) } }
    end
    return tmpfs]]

  it("a kind of mount is two files, also one that shares nothing of the host's", function()
    write("device/mount/tmpfs.lua", TMPFS)
    add("device/mount/init.lua", 'kinds = { "virtiofs", "9p"', ', "tmpfs"')
    assert.equal(2, #touched)
    says('kind = "tmpfs": memory of the guest\'s own', "help", "mount")
    local recipe = home:small("walk", [[ agent {},
      mount { kind = "tmpfs", to = "/scratch", size = "2M" } ]])
    says("scratch", "plan", recipe)
    local wrong = home:recipe("wrong", 'return machine { mount { kind = "tmpsf", to = "/x" } }')
    assert.equal(1, says("no mount of kind 'tmpsf'.*did you mean 'tmpfs'%?", "check", wrong))
    assert.equal(0, says("scratch is at /scratch in the guest", "up", recipe))
    says("scratch /scratch tmpfs .*size=2048k", "exec", "walk", "--", "grep", "^scratch",
         "/proc/mounts")
    says("scratch +mounted", "mounts", "walk")
    assert.equal(0, (lunik("unmount", "walk", "scratch")))
    assert.equal(1, (lunik("exec", "walk", "--", "grep", "^scratch", "/proc/mounts")))
    lunik("down", "--force", "walk")
    after.nothing(home, "walk")
  end)

  it("an option of QEMU's is one row", function()
    add("qemu/debug/process.lua", "return {",
        '\n  { "frobnicate", grammar = "flag", once = true, doc = "frobnicates the guest" },')
    assert.equal(1, #touched)
    -- what `make docs` does
    scratch.write(tree .. "/lunik/qemu/index.lua", (run.lua(
      ("package.path = %q .. package.path io.write(require 'lunik.qemu.modules'.text())"):format(
        tree .. "/?.lua;" .. tree .. "/?/init.lua;"))))
    says("frobnicates the guest", "help", "qemu.frobnicate")
    says("%-frobnicate", "argv", home:recipe("walk", "return machine { qemu.frobnicate {} }"))
    says("did you mean 'frobnicate'%?", "check",
         home:recipe("wrong", "return machine { qemu.frobnicte {} }"))
    says("qemu.frobnicate {}", "import", "--", "qemu-system-x86_64", "-frobnicate")
  end)

  it("a verb is two files", function()
    write("cli/greet.lua", [[
      local greet = { name = "greet", summary = "greet whoever is named" }
      function greet.args(command) command:argument("name", "who") end
      function greet.run(args, out)
        out:write("hello ", args.name, "\n")
        return require "lunik.exit".ok
      end
      return greet]])
    add("cli/init.lua", '"help", "version"', ', "greet"')
    assert.equal(2, #touched)
    says("greet +greet whoever is named", "help")
    says("^hello you\n$", "greet", "you")
    says("did you mean 'greet'%?", "gret")
  end)

  it("a hook point is one row and the line that fires it", function()
    add("hook/points.lua", "points.rows = {", [[

      { name = "paused", phase = "running", gets = { "vm" }, waits = true, order = "arrival",
        raise = "report", doc = "the machine has been paused" },]])
    add("vm/events.lua", "function rows.STOP(vm)", ' vm.dispatch:post("paused", vm.handle)')
    says('on%("paused", function%(vm%) … end%): the machine has been paused', "help", "paused")
    local recipe = home:recipe("walk", [[return machine { name = "walk", accel = "tcg",
      memory = "64M", on("paused", function(vm) print("HOOK " .. vm.name) end) }]])
    assert.equal(0, (lunik("up", recipe)))
    assert.equal(0, (lunik("pause", "walk")))
    lunik("down", "--force", "walk")
    says("HOOK walk", "logs", "walk")
  end)

  it("a field of the machine is one row, and can ask something of the machine", function()
    add("machine/scalar.lua", 'emit = one "uuid" },', [[

      { "shared", kind = kind.bool, doc = "memory that others can map",
        needs = function(value) return { shared_memory = value or nil } end },]])
    assert.equal(1, #touched)
    says("shared +memory that others can map", "help", "machine")
    says("memory%-backend%-memfd", "argv", home:recipe("walk", "return machine { shared = true }"))
    says("machine.shared: true or false", "check",
         home:recipe("wrong", "return machine { shared = 1 }"))
  end)

  it("a method of the vm is one row", function()
    add("vm/methods/machine.lua", "\nreturn {", [[

      { name = "age", wire = "lunik-age", takes = {}, doc = "how long the machine has run",
        gives = "seconds", returns = "a number", example = "vm:age()",
        run = function(vm) return vm.loop.now() - vm.began end },]])
    assert.equal(1, #touched)
    says("vm:age%(%): how long the machine has run", "help", "vm.age")
    local recipe = home:recipe("walk", [[return machine { name = "walk", accel = "tcg",
      memory = "64M", on("started", function(vm) print("AGE " .. math.type(vm:age())) end) }]])
    assert.equal(0, says("AGE float", "up", recipe))
    says("^%d+%.%d+\n$", "qmp", "walk", "lunik-age")
    lunik("down", "--force", "walk")
  end)
end)
