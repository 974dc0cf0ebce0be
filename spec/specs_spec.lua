-- SPDX-License-Identifier: MIT
-- scripts/specs counts what it runs: what crashes, hangs or has no case is named.
local abspath = require "pl.path".abspath
local run = require "support.run"
local scratch = require "support.scratch"
local specs = require "support.specs"
local stat = require "posix.sys.stat"
local unistd = require "posix.unistd"

describe("scripts/specs", function()
  local dir
  before_each(function() dir = scratch.new() end)
  after_each(function() scratch.remove(dir) end)

  local function write(name, text) scratch.write(("%s/%s_spec.lua"):format(dir, name), text) end

  -- The lines that it prints over the files in `dir`, its exit code
  local function lines(...)
    local text, _, status = run.output { argv = { run.interpreter, "scripts/specs", dir, ... },
      path = true, env = { "PATH=" .. os.getenv "PATH", "JOBS=3", "LUA=" .. run.interpreter,
        "B=" .. (os.getenv "B" or "build") } }
    local list = {}
    for line in text:gsub(dir, "@dir"):gmatch "[^\n]+" do list[#list + 1] = line end
    return list, status, text
  end

  it("adds up what its processes did", function()
    write("one", 'it("a", function() end) it("b", function() end)')
    write("two", 'it("c", function() end)')
    local list, status = lines()
    assert.equal("3 passed, 0 failed", list[#list])
    assert.equal(0, status)
  end)

  it("repeats at the end what failed", function()
    write("one", 'it("a", function() error "no" end) it("b", function() end)')
    local list, status = lines()
    assert.equal("1 passed, 1 failed", list[#list])
    assert.matches("^@dir/one_spec.lua:1: a", list[#list - 1])
    assert.equal(1, status)
  end)

  it("names what crashes, is killed, leaves early or has no case", function()
    write("killed", 'it("a", function() require "posix.signal".raise(11) end)')
    write("left", 'it("a", function() os.exit(0) end)')
    write("none", 'describe("nothing", function() end)')
    write("no_lua", "it(")
    local list, status = lines()
    assert.equal("0 passed, 4 failed", list[#list])
    assert.equal(1, status)
    local last = table.concat(list, "\n", #list - 4)
    assert.matches("@dir/killed_spec.lua: killed by signal 11", last, 1, true)
    assert.matches("@dir/left_spec.lua: ended with status 0 before its last case", last, 1, true)
    assert.matches("@dir/none_spec.lua: no case ran", last, 1, true)
    assert.matches("no_lua_spec.lua", last, 1, true)
  end)

  it("keeps what a file prints together", function()
    for _, name in ipairs { "x", "y", "z" } do
      write(name, ('for _ = 1, 50 do print "%s" end it("a", function() end)'):format(name))
    end
    local _, _, text = lines()
    for _, name in ipairs { "x", "y", "z" } do
      assert.truthy(text:find(("%s\n"):format(name):rep(50), 1, true))
    end
  end)

  it("gives each process directories of its own", function()
    for _, name in ipairs { "x", "y" } do
      write(name, 'it("a", function() print(os.getenv "XDG_RUNTIME_DIR") end)')
    end
    local list = lines()
    local first, second = list[1], list[3]
    assert.matches("^/tmp/lunik%-spec", first)
    assert.matches("^/tmp/lunik%-spec", second)
    assert.not_equal(first, second)
  end)

  -- A project of this one's surroundings, with specs of its own.
  local function project(texts)
    for _, name in ipairs { "build", "spec" } do stat.mkdir(("%s/%s"):format(dir, name), 448) end
    for _, name in ipairs { ".busted", "lua", "scripts", "spec/support", "build/lib",
                            "build/deps" } do
      unistd.link(abspath(name), ("%s/%s"):format(dir, name), true)
    end
    for name, text in pairs(texts) do
      scratch.write(("%s/spec/%s_spec.lua"):format(dir, name), text)
    end
  end

  it("begins with what took longest the last time, whatever cases were left out", function()
    project { a = 'print "a" it("a", function() end)', b = 'print "b" it("a", function() end)' }
    local times = dir .. "/build/spec-times"
    local function first()
      return (run.output { argv = { run.interpreter, "scripts/specs", "--without", "long" },
        path = true, cwd = dir, env = { "PATH=" .. os.getenv "PATH" } }):match "^[^\n]*"
    end
    for _, name in ipairs { "a", "b" } do
      scratch.write(times, "")
      first()
      for each in ("ab"):gmatch "." do
        assert.matches(("%%d spec/%s_spec%%.lua\n"):format(each), scratch.read(times))
      end
      scratch.write(times, ("9 spec/%s_spec.lua\n1 spec/%s_spec.lua\n"):format(name,
                           name == "a" and "b" or "a"))
      assert.equal(name, first())
    end
  end)

  it("runs what needs the machine alone at the end", function()
    write("a", '-- alone: it says so\nprint "alone" it("a", function() end)')
    write("b", 'print "together" it("a", function() end)')
    local list = lines()
    assert.equal("together", list[1])
    assert.equal("alone", list[3])
  end)

  it("knows which files are pure by what starts programs", function()
    write("pure", 'local run = require "lunik.qemu" -- proc.spawn')
    write("impure", 'local house = require "support.house"')
    assert.is_true(specs.is_pure(dir .. "/pure_spec.lua"))
    assert.is_false(specs.is_pure(dir .. "/impure_spec.lua"))
    for _, path in ipairs(specs.list "spec/e2e") do assert.is_false(specs.is_pure(path), path) end
  end)

  it("does not let a spec that is taken for pure start a program", function()
    write("hidden", 'it("a", function() os["execute"] "true" end)')
    local list, _, text = lines "--pure"
    assert.equal("0 passed, 1 failed", list[#list])
    assert.matches("name in spec/support/specs.lua what starts it", text, 1, true)
  end)
end)
