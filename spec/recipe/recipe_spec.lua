-- Reading a recipe: harmless, bounded, every item with its line.
local check = require "lunik.schema.check"
local fakehost = require "support.fakehost"
local item = require "lunik.schema.item"
local recipe = require "lunik.recipe"

-- Loads recipe text (and files beside it) from a host made of tables.
local function load_text(text, files, over)
  files = files or {}
  files["vm.lua"] = text
  local host = fakehost.new(over)
  function host.contents(path)
    local name = path:match "^/home/dev/vm/(.*)$"
    if files[name] then return files[name] end
    return nil, path .. ": No such file or directory"
  end
  return recipe.load("vm.lua", host, { dir = "/home/dev/vm" })
end

local function problem(...)
  local raw, problems = load_text(...)
  assert.is_nil(raw)
  return check.text(problems[1])
end

describe("recipe.load", function()
  it("returns the machine with its line, though it is a tail call", function()
    local raw = assert(load_text "\n\nreturn machine { cpus = 2 }")
    assert.equal("vm.lua:3", check.place(raw.item.at))
    assert.equal(2, raw.item.fields.cpus)
  end)

  it("knows the line of an item that spans lines, and of its fields", function()
    local raw = assert(load_text "return machine {\n  disk {\n    file = 'x',\n  },\n}")
    local disk = item.open(raw.item.fields[1])
    assert.equal("vm.lua:2", check.place(disk.at))
    assert.same({ file = "vm.lua", line = 3 }, raw.locate(disk, "file"))
  end)

  it("names the callers of a helper function, across files", function()
    local raw = assert(load_text(
      "local lib = require 'lib.disks'\nreturn machine {\n  (lib.root()),\n}",
      { ["lib/disks.lua"] = "local lib = {}\nfunction lib.root()\n"
        .. "  local d = disk { file = 'x' }\n  return d\nend\nreturn lib" }))
    assert.equal("lib/disks.lua:3, called from vm.lua:3",
      check.place(item.open(raw.item.fields[1]).at))
  end)

  it("remembers what was read: files, modules, environment", function()
    local raw = assert(load_text(
      "local t = read 'notes.txt'\nlocal e, n = env 'E', env 'NOT'\n"
        .. "return machine { append = t .. e }",
      { ["notes.txt"] = "n" }, { environment = { E = "e" } }))
    assert.equal("ne", raw.item.fields.append)
    assert.equal("n", raw.inputs.files["/home/dev/vm/notes.txt"])
    assert.same({ E = "e", NOT = false }, raw.inputs.env)
  end)

  it("takes no bytecode", function()
    assert.matches("attempt to load a binary chunk", problem(string.dump(function() end)))
  end)

  it("skips a first line that begins with #", function()
    assert.is_table(load_text "#!/usr/bin/env lunik\nreturn machine {}")
  end)

  it("gives a method call the bounded functions too, and Lua's back afterwards", function()
    assert.matches("^vm.lua:1: string.rep: more than", problem "local x = ('x'):rep(1e15 // 1 | 0)")
    assert.equal(string, getmetatable("").__index)
    assert.matches("^vm.lua:1: instruction budget",
      problem "local x = ('a'):rep(9999):find(('a*'):rep(30) .. 'b')")
    assert.equal(string, getmetatable("").__index)
  end)

  it("bounds what C would do without counting", function()
    assert.matches("table.move", problem "table.move({}, 1, 1 << 40, 2)")
    assert.matches("table.concat",
      problem "local t = {} for i = 1, 80 do t[i] = ('x'):rep(1 << 20) end table.concat(t)")
  end)

  it("keeps recipes away from Lua's own metatables and functions", function()
    for name, text in pairs {
      strings = "getmetatable('').__index = nil",
      items = "getmetatable(disk {}).__index = nil",
      environment = "setmetatable(_G, nil)",
      collected = "setmetatable({}, { __gc = function() end })",
      dump = "string.dump(print)", debugging = "debug.getinfo(1)", system = "os.exit(3)",
        packages = "package.loaded.x = 1",
      qemu = "qemu.device = 1", raw_set = "rawset(_G, 'x', 1)",
        coroutines = "coroutine.wrap(print)()",
    } do
      local raw = load_text(text .. " return machine {}")
      assert.is_nil(raw, name)
    end
    assert.equal(string, getmetatable("").__index)
  end)

  it("gives every recipe fresh library tables", function()
    assert(load_text "string.format = nil table.insert = nil return machine {}")
    assert(load_text "assert(string.format and table.insert) return machine {}")
    assert.is_function(string.format)
  end)

  it("lets a recipe have metatables of its own", function()
    assert(load_text [[
      local t = setmetatable({}, { __index = function(_, k) return k end })
      assert(t.x == "x" and getmetatable(t).__index)
      return machine {}]])
  end)

  it("does not let pcall swallow the budget", function()
    assert.matches("budget", problem "while true do pcall(function() while true do end end) end")
    assert.matches("budget",
      problem "pcall(pcall, function() for _ = 1, math.huge do end end) return machine {}")
    assert.matches("budget", problem "table.sort({ 1, 2, 3 }, function() while true do end end)")
    assert.matches("budget", problem "('x'):gsub('x', function() while true do end end)")
    assert.matches("budget",
      problem "return setmetatable({}, { __index = function() while true do end end }).x")
    assert.matches("budget", problem "xpcall(error, function() while true do end end)")
  end)

  it("reads nothing outside its folder", function()
    for _, path in ipairs { "/etc/passwd", "../x", "a/../../x", ".." } do
      assert.matches("outside the recipe's folder", problem(("read %q"):format(path)))
    end
    for _, name in ipairs { "../x", "..x", "/etc/x", "os", "posix", "lunik.core", "" } do
      assert.is_nil(load_text(("require %q return machine {}"):format(name)), name)
    end
  end)

  it("says what is wrong in words a person can use", function()
    assert.equal("vm.lua:1: no such name 'dsik'; did you mean 'disk'?", problem "dsik {}")
    assert.equal("vm.lua: returns nothing: a recipe ends with `return machine { … }`",
      problem "local x = 1")
    assert.equal("vm.lua:2: unexpected symbol near <eof>", problem "return machine {\n")
    assert.equal("vm.lua:1: attempt to index a nil value (local 'x')",
      problem "local x local y = x.z")
  end)
end)

-- Where each problem of a machine is shown; a missing file says which item it is about.
describe("the line of a problem", function()
  local lunik = require "lunik"

  local cases = {
    ["an item that spans lines"] =
      { "return machine {\n  disk {\n    id = 'x',\n    file = 'missing',\n  },\n}", "vm.lua:4" },
    ["a name and a table on two lines"] =
      { "return machine {\n  disk\n  -- why\n  {\n  file = 'missing' } }", "vm.lua:5" },
    ["parentheses"] = { "return machine({ disk({\n file = 'missing' }) })", "vm.lua:2" },
    ["several on a line"] =
      { "return machine { nic {}, disk { id = 'a', file = 'x.raw' }, disk {\n"
        .. "id = 'b', readonly = true,\nfile = 'missing' } }",
      "vm.lua:3" },
    ["a tail call"] =
      { "local function f()\n  return disk { file = 'missing' }\nend\nreturn machine { (f()) }",
      "vm.lua:2, called from vm.lua:4" },
    ["tail calls in a row"] =
      { "local function f()\n return disk { file = 'missing' }\nend\nlocal function g()\n"
        .. " return f()\nend\nreturn machine { (g()) }",
      "vm.lua:2, called from vm.lua:7" },
    ["another name"] =
      { "local d = disk\nreturn machine {\n  cpus = 1,\n  d {\n    file = 'missing' } }",
      "vm.lua:5" },
    ["another name, by a tail call"] =
      { "local d = disk\nlocal function f()\n return d { file = 'missing' }\nend\n"
        .. "return machine { (f()) }",
      "vm.lua:5" },
    ["a loop"] =
      { "local t = {}\nfor i = 1, 2 do\n"
        .. "  t[i] = disk { id = 'd' .. i, file = i == 2 and 'missing' or 'x.raw' }\nend\n"
        .. "return machine { t }",
      "vm.lua:3" },
    ["a constructor that is passed on"] =
      { "local function map(make, list)\n  local t = {}\n  for i, v in ipairs(list) do\n"
        .. "    t[i] = make { file = v }\n  end\n  return t\nend\nreturn machine {\n"
        .. "  map(disk, { 'missing' }) }",
      "vm.lua:4, called from vm.lua:9" },
    ["a constructor called by C"] =
      { "local _, d = pcall(disk,\n { file = 'missing' })\nreturn machine { d }", "vm.lua:1" },
    ["a method"] =
      { "local site = {}\nfunction site:root()\n  local d = disk { file = self.file }\n"
        .. "  return d\nend\nsite.file = 'missing'\nreturn machine {\n  site:root() }",
      "vm.lua:3, called from vm.lua:8" },
    ["a module's item"] = { "local lib = require 'lib'\nreturn machine { lib }",
      "lib.lua:2, called from vm.lua:1",
      { ["lib.lua"] = "-- lib\nlocal d = disk { file = 'missing' }\nreturn d" } },
    ["a module's function"] = { "local lib = require 'lib'\nreturn machine {\n lib 'missing' }",
      "lib.lua:2, called from vm.lua:3",
      { ["lib.lua"] = "return function(file)\n  return disk { file = file }\nend" } },
    ["fields made elsewhere"] =
      { "local fields = {\n  file = 'missing' }\nreturn machine {\n  disk(fields) }", "vm.lua:4" },
    ["text that looks like fields"] =
      { "return machine { disk {\n  -- file = 1\n  id = 'file', serial = [[\nfile = ]],\n"
        .. "  boot = 1, file = 'missing' } }",
      "vm.lua:5" },
    ["functions among fields"] =
      { "return machine {\n"
        .. "  on('ready', function() if true then local file = 1 else for _ = 1, 2 do file = 2 "
        .. "end end end), disk {\n  file = 'missing' } }",
      "vm.lua:3" },
    ["qemu by another name"] =
      { "local q = qemu\nreturn machine {\n  cpus = 1,\n  q.device {\n 'x',\n    addr = {} } }",
      "vm.lua:6" },
    ["a scalar"] = { "return machine {\n\n  cpus = 1,\n  kernel = 'missing' }", "vm.lua:4" },
    ["a scalar of a part"] =
      { "local function p()\n  return part {\n    kernel = 'missing' }\nend\nreturn machine {\n"
        .. "  p() }",
      "vm.lua:3, called from vm.lua:6" },
    ["windows line ends"] = { "return machine {\r\n  disk {\r\n    file = 'missing' } }",
      "vm.lua:3" },
    ["a first line that is not Lua"] =
      { "#!/usr/bin/env lunik\nreturn machine {\n  kernel = 'missing' }", "vm.lua:3" },
  }

  for name, case in pairs(cases) do
    it("is right for " .. name, function()
      local files = case[3] or {}
      files["vm.lua"] = case[1]
      local host = fakehost.new()
      function host.contents(path) return files[path:match "^/home/dev/vm/(.*)$"], "none" end
      local plan, problems = lunik.plan("vm.lua", { host = host, dir = "/home/dev/vm" })
      assert.is_nil(plan)
      assert.equal(case[2], check.place(problems[1].at))
    end)
  end
end)
