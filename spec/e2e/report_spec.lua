-- `lunik report` of a real machine: while it runs and after it, as a tar and as a folder, without
-- what is secret in any of its files.
local core = require "lunik.core"
local run = require "support.run"
local scratch = require "support.scratch"
local stat = require "posix.sys.stat"
local stdlib = require "posix.stdlib"
local tar = require "lunik.vm.copy.tar"
local unistd = require "posix.unistd"

local program = stdlib.realpath((os.getenv "B" or "build") .. "/lunik")

local RECIPE = [[
local notes = read "notes.txt"
return machine { name = "rep", accel = "tcg", memory = "64M", sandbox = false,
  qemu.object { "secret", id = "s0", data = "hunter2" },
  qemu.fw_cfg { name = "opt/token", string = env "TOKEN" },
  on("started", function(vm) print("token " .. env "TOKEN" .. ", not hunter2") end),
}
]]

local FILES = { "README.txt", "recipe/1-vm.lua", "versions.json", "doctor.json", "status.json",
                "plan.json", "plan-now.json", "logs/supervisor.log", "logs/qemu.log",
                "logs/serial.log" }

describe("lunik report", function()
  local dir, env

  local function lunik(...)
    local file <close> = assert(io.open(dir .. "/errors", "wb"))
    local text, _, status = run.output { argv = { program, ... }, cwd = dir, env = env,
      fds = { [2] = require "posix.stdio".fileno(file) } }
    return status, text, scratch.read(dir .. "/errors")
  end

  setup(function()
    dir = scratch.new()
    env = { "PATH=" .. os.getenv "PATH", "HOME=" .. dir, "XDG_RUNTIME_DIR=" .. dir,
            "TOKEN=sesame99" }
    scratch.write(dir .. "/vm.lua", RECIPE)
    scratch.write(dir .. "/notes.txt", "some notes")
    local status, _, errors = lunik("up", "--paused")
    assert.equal(0, status, errors)
  end)
  teardown(function()
    lunik("down", "--force", "rep")
    scratch.remove(dir)
  end)

  local function files_of(path)
    local bytes, at, list, texts = scratch.read(path), 1, {}, {}
    while true do
      local entry = tar.read(bytes:sub(at, at + 511))
      if not entry then break end
      at = at + 512
      if entry.kind == "file" then
        local name = entry.name:gsub("^rep%-report/", "")
        list[#list + 1], texts[name] = name, bytes:sub(at, at + entry.size - 1)
      end
      at = at + (entry.size + 511) // 512 * 512
    end
    return list, texts
  end

  it("has all there is in one file, and no secret", function()
    local status, text, errors = lunik "report"
    assert.same({ 0, "" }, { status, errors })
    assert.matches("^rep%-report.tar\n  README.txt               what is in it\n", text)
    local list, texts = files_of(dir .. "/rep-report.tar")
    assert.same(FILES, list)
    for name, each in pairs(texts) do
      assert.is_nil(each:find "sesame99", name)
      assert.is_nil(each:find "hunter2", name)
    end
    assert.matches('data = "%[secret%]"', texts["recipe/1-vm.lua"])
    assert.matches("token %[env TOKEN%], not %[secret%]", texts["logs/supervisor.log"])
    assert.matches("%(left out%) +read by the recipe: [^\n]*/notes.txt", texts["README.txt"])
    assert.is_nil(texts["README.txt"]:find "does not run")
    assert.equal("paused", core.json.decode(texts["status.json"]).state)
    assert.equal("rep", core.json.decode(texts["plan.json"]).name)
    assert.is_table(core.json.decode(texts["doctor.json"]).findings)
    assert.equal(384, stat.stat(dir .. "/rep-report.tar").st_mode & 511)
  end)

  it("writes over nothing", function()
    local status, text, errors = lunik("report", "rep")
    assert.same({ 1, "", "lunik report: rep-report.tar is there already: -o PATH names another\n" },
                { status, text, errors })
    unistd.link("nowhere", dir .. "/link.tar", true)
    status = lunik("report", "rep", "-o", "link.tar")
    assert.equal(1, status)
    assert.is_nil(stat.stat(dir .. "/nowhere"))
    status, text, errors = lunik("report", "rep", "-o", "no/where.tar")
    assert.same({ 1, "", "lunik report: no/where.tar: No such file or directory\n" },
                { status, text, errors })
  end)

  it("is a folder where one is asked for, also of a machine that has ended", function()
    assert.equal(0, (lunik("down", "--force", "rep")))
    scratch.write(dir .. "/vm.lua", "return machine { cpsu = 2 }\n")
    local status, text = lunik("report", "rep", "-o", "folder", "--json")
    assert.equal(0, status)
    local found, names = core.json.decode(text), {}
    for i, file in ipairs(found.files) do
      names[i] = file.name
      assert.equal(#scratch.read(dir .. "/folder/" .. file.name), file.bytes)
    end
    assert.same({ 1, "folder" }, { found.lunik, found.path })
    assert.same({ "README.txt", "recipe/1-vm.lua", "versions.json", "doctor.json", "status.json",
      "problems.txt", "logs/supervisor.log", "logs/qemu.log", "logs/serial.log" }, names)
    assert.equal("vm.lua:1: machine.cpsu: no such field; did you mean 'cpu'?\n",
      (scratch.read(dir .. "/folder/problems.txt"):gsub("^[^\n]*/", "")))
    assert.matches("The machine does not run", scratch.read(dir .. "/folder/README.txt"))
  end)

  it("names the machine that was meant", function()
    local status, _, errors = lunik("report", "rpe")
    assert.same({ 1, "lunik report: no machine 'rpe'; did you mean 'rep'?\n" }, { status, errors })
  end)
end)
