-- Contexts of the C API: what they say is wrong, whom they call, how they wait. The cases are
-- functions of spec/support/embed/context.c.
local embed = require "support.embed"

describe("a context of the C API", function()
  local home, program

  setup(function()
    home = embed.house()
    embed.make "c"
    program = embed.compile(home.dir .. "/context", { "spec/support/embed/context.c" })
  end)
  teardown(function() home:close() end)
  after_each(function()
    assert.same({}, home:runtime())
    assert.same({}, home:processes())
  end)

  for name, what in pairs {
    problems = "says what is wrong, with its code, place and field",
    recipe = "has functions for recipes, and refuses names that are wrong or taken",
    hooks = "calls hooks that call it again and wait",
    methods = "calls methods by their rows, and tells what is wrong with a call",
    interrupt = "gives up waiting when a signal handler says so, and has nothing left",
    pump = "says by one descriptor and a deadline when it has something to do",
    several = "has several machines, and ends those that are left",
    starving = "goes on where memory is short in the middle of a machine's life",
    allocator = "takes its memory from an allocator of the program's, and gives it all back",
  } do
    it(what, function()
      local text, status = embed.run(home, { program, name, home.dir }, 3600)
      assert.same({ "ok\n", 0 }, { text, status })
    end)
  end

  it("is had by 8 threads at once", function()
    local threads = embed.compile(home.dir .. "/threads", { "spec/support/embed/threads.c" })
    local text, status
    for _ = 1, 3 do
      text, status = embed.run(home, { threads, home.dir, "8" }, 200)
      -- a child of TSan's may hang in its runtime before exec, which lunik tells in ten seconds
      local hung = text:find("not there in time", 1, true) and embed.by_threads
        and not text:find("ThreadSanitizer", 1, true)
      if not hung then break end
    end
    assert.equal(0, status, text)
    assert.equal(8, select(2, text:gsub("thread%d: ok\n", "")))
  end)

  it("says what is missing where lunik's Lua half is not", function()
    local text = embed.run({ env = { "LUNIK_LUA=/nowhere", table.unpack(home.env) },
      dir = home.dir }, { "env", "LUNIK_LUA=/nowhere", program, "problems", home.dir })
    assert.matches("no lunik/init.lua in /nowhere: lua_dir says where it is", text, 1, true)
  end)
end)
