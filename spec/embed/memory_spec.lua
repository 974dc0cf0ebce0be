-- The C embedding API: examples/embed compiled and run against liblunik.
local core = require "lunik.core"
local scratch = require "support.scratch"

local build = os.getenv "B" or "build"

local function run(argv, env)
  local reader, writer = core.chan.pair()
  local child <close> = assert(core.proc.spawn { argv = argv, path = true, env = env,
    fds = { [1] = writer:fd(), [2] = writer:fd() } })
  writer:close()
  local text, more = ""
  repeat
    more = reader:read(65536, 60)
    text = text .. (more or "")
  until not more
  reader:close()
  local _, status = child:wait(60)
  return status, text
end

describe("liblunik", function()
  local folder, program, env

  setup(function()
    folder = scratch.new()
    program = folder .. "/embed"
    local path = "PATH=" .. os.getenv "PATH"
    local status, text = run({ "make", "B=" .. build, build .. "/lib/liblunik.so" }, { path })
    assert.equal(0, status, text)
    status, text = run({ "cc", "-Wall", "-Wextra", "-Werror", "-Isrc/embed",
      "examples/embed/embed.c", "-L" .. build .. "/lib", "-llunik", "-o", program }, { path })
    assert.equal(0, status, text)
    env = { path, "LD_LIBRARY_PATH=" .. build .. "/lib", "LUNIK_LUA=lua", "HOME=" .. folder,
      "XDG_RUNTIME_DIR=" .. folder, "LUA_PATH=build/deps/share/?.lua;build/deps/share/?/init.lua;;",
      "LUA_CPATH=build/deps/lib/?.so;;" }
  end)
  teardown(function() scratch.remove(folder) end)

  local function write(text) return scratch.write(folder .. "/vm.lua", text) end

  it("runs a machine to its end and tells of it", function()
    local recipe = write [[return machine {
      name = "embedded", accel = "tcg", memory = "64M", ready = "qmp",
      nic { forward = { ssh = 22 } }, stop = { powerdown = 0, quit = 5 } }]]
    local status, text = run({ program, recipe, "cpus=2" }, env)
    assert.matches("%-smp 2 ", text)
    assert.matches("\nready: ready after [%d.]+ s\nssh: %d+\n", text)
    -- nothing in the machine can power it off: the ladder's next rung did
    assert.equal(6, status, text)
  end)

  it("says every problem, with its line", function()
    local recipe = write "return machine {\n  cpsu = 2,\n  memory = 3,\n}"
    local status, text = run({ program, recipe }, env)
    assert.equal(1, status)
    assert.matches("vm.lua:2: machine.cpsu: no such field; did you mean 'cpu'?\n", text, 1, true)
    assert.matches("vm.lua:3: machine.memory: a size", text, 1, true)
  end)

  it("outlives the want of memory at any place, and says so", function()
    local starved = folder .. "/starved"
    local status, text = run({ "sh", "-c", "exec cc -O2 -Isrc/embed -Ispec/support"
      .. " $(pkg-config --cflags lua5.4) spec/support/nomem.c spec/support/nomem_embed.c"
      .. " -L" .. build .. "/lib -llunik $(pkg-config --libs lua5.4) -o " .. starved },
      { "PATH=" .. os.getenv "PATH" })
    assert.equal(0, status, text)
    local recipe = write [[return machine {
      name = "starved", accel = "tcg", nic { forward = { ssh = 22 } } }]]
    local nowhere = {}
    for i, each in ipairs(env) do nowhere[i] = each:gsub("^XDG_RUNTIME_DIR=.*", "%0/cannot") end
    scratch.write(folder .. "/cannot", "be a folder")
    -- three in a row, since Lua collects after the first and asks again; and from there on
    for _, most in ipairs { "3", "1000000000" } do
      status, text = run({ starved, recipe, most, "137" }, nowhere)
      assert.matches("%d%d%d%d allocations, 4 calls: mkdir .*/cannot/lunik: ", text)
      assert.equal(0, status, text)
    end
  end)

  it("says what is missing where lunik's Lua half is not", function()
    local status, text = run({ program, write "" },
      { "LD_LIBRARY_PATH=" .. build .. "/lib", "LUNIK_LUA=/nowhere" })
    assert.equal(1, status)
    assert.matches("module 'lunik.embed' not found", text, 1, true)
  end)
end)
