-- What a hostile recipe may try while it is only read: each try ends, with a problem, and
-- leaves nothing changed.
local lunik = require "lunik"
local fakehost = require "support.fakehost"

-- Checks and plans recipe text, with files beside it, on a host made of tables.
local function plan_of(text, files)
  files = files or {}
  files["vm.lua"] = text
  local host = fakehost.new()
  function host.contents(path)
    local name = path:match "^/home/dev/vm/(.*)$"
    if name and files[name] then return files[name] end
    return nil, path .. ": No such file or directory"
  end
  return lunik.plan("vm.lua", { host = host, dir = "/home/dev/vm" })
end

local function refused(why, text, files)
  local plan, problems = plan_of(text, files)
  assert.is_true(plan == nil, text)
  assert.matches(why, lunik.text(problems), 1, false, text)
end

-- A table of 62 values whose length Lua takes for 2^61.
local sparse = {}
for i = 0, 61 do sparse[i + 1] = ("[1 << %d] = 1"):format(i) end
sparse = "{" .. table.concat(sparse, ", ") .. "}"

describe("a hostile recipe", function()
  it("cannot loop where C would not count #thorough", function()
    for _, text in ipairs {
      "('a'):rep(99999):find('a*b')",
      "('a'):rep(99999):match('a-b')",
      "('('):rep(99999):gsub('%b()', '')",
      "for _ in ('a'):rep(99999):gmatch('.-%d') do end",
      "string.find(('a'):rep(99999), ('a?'):rep(30) .. 'b')",
      "('a'):rep(9999):find(('[a'):rep(99) .. ']' .. ('%1'):rep(0) .. '*.*.*b')",
      "table.sort({ 3, 1, 2 }, function() while true do end end)",
      "string.format('%s', setmetatable({}, { __tostring = function() while true do end end }))",
      "print(setmetatable({}, { __tostring = function() while true do end end }))",
      "local t = setmetatable({}, { __concat = function() while true do end end }) local _ = t "
        .. ".. ''",
      "local x <close> = setmetatable({}, { __close = function() while true do end end })",
      "goto again ::again:: goto again",
      "local function f() return f() end f()",
    } do refused("^vm.lua:1: instruction budget", text .. " return machine {}") end
  end)

  it("cannot ask one call for too much #thorough", function()
    for why, text in pairs {
      ["string.rep: more than"] = "('x'):rep(1e15)",
      ["string.rep: more than %d+ bytes"] = "string.rep('x', '99999999999')",
      ["string.find: takes too long"] =
        "('a'):rep(1 << 20):find(('a'):rep(1 << 19) .. 'b', 1, true)",
      ["string.gsub: more than"] = "('x'):rep(1 << 14):gsub('x', ('y'):rep(1 << 14))",
      ["string.format: more than"] = "local s = ('x'):rep(1 << 24) string.format('%s', s)",
      ["table.concat: more than"] =
        "local t, s = {}, ('x'):rep(1 << 20) for i = 1, 80 do t[i] = s end table.concat(t)",
      ["table.move: more than"] = "table.move({}, 1, 1e15, 2)",
      ["table.move: more than %d+ values"] = "table.move({}, math.mininteger, math.maxinteger, 2)",
      ["insert: not for a table with __len"] =
        "table.insert(setmetatable({}, { __len = function() return 1 << 50 end }), 1, 1)",
      ["remove: not for a table with __len"] =
        "table.remove(setmetatable({}, { __len = function() return 1 << 50 end }), 1)",
      ["insert: more than %d+ values"] =
        "table.insert(" .. sparse .. ", 1, 1)",
      ["remove: more than %d+ values"] =
        "table.remove(" .. sparse .. ", 1)",
      ["print: more than"] = "print(('x'):rep(1 << 21))",
      ["string.byte: more than"] = "('x'):rep(1 << 17):byte(1, -1)",
      ["string.unpack: more than"] = "(('b'):rep(1 << 17)):unpack(('x'):rep(1 << 17))",
      ["utf8.codepoint: more than"] = "utf8.codepoint(('x'):rep(1 << 17), -(1 << 17), -1)",
      ["overflow"] = "local function f() return 1 + f() end f()",
      ["unpack: more than"] = "table.unpack({}, 1, 1e8)",
    } do refused("^vm.lua:1: .*" .. why, text .. " return machine {}") end
    for _, deep in ipairs { ("("):rep(1000), ("{"):rep(1000), ("do "):rep(1000), ("-"):rep(1000)
      .. "1",
      ("x = function() "):rep(1000) } do
      refused("^vm.lua:", "return " .. deep)
    end
  end)

  it("is told its own lines, not those of lunik's files", function()
    for text, why in pairs {
      ["table.sort { 1, 'x' }"] = "attempt to compare",
      ["table.concat { {} }"] = "text expected at 1, got table",
      ["table.insert({}, 9, 1)"] = "position out of bounds",
      ["('x'):rep {}"] = "string.rep: a whole number expected, got table",
      ["string.find()"] = "string.find: text expected, got nil",
      ["('x'):find '%'"] = "string.find: malformed pattern %(ends with '%%'%)",
      ["string.format('%d', 'x')"] = "number expected",
      ["('x'):gsub('x', '%2')"] = "invalid capture index %%2",
      ["setmetatable(string, { __gc = 1 })"] = "__gc is not for recipes",
    } do refused("^vm.lua:2: .*" .. why, "\n" .. text .. " return machine {}") end
  end)

  it("cannot answer lunik's own checks with functions of its own", function()
    refused("outside the recipe's folder", [[
      for name in pairs(string) do
        string[name] = function(s) return type(s) == "string" and "/home/dev/vm/" or s end
      end
      read "/etc/shadow"
      return machine {}]])
    refused("outside the recipe's folder", [[
      for name in pairs(table) do table[name] = nil end
      read "../../../etc/shadow"]])
  end)

  it("runs nothing when its values are looked at", function()
    for _, meta in ipairs { "__index", "__pairs", "__len", "__tostring", "__name", "__eq", "__lt",
      "__call" } do
      local loops = ("setmetatable({ 'x' }, { %s = function() while true do end end })"):format(
        meta)
      for _, text in ipairs {
        "machine(X)", "machine { X }", "machine { { X } }", "machine { cpus = X }",
          "machine { stop = X }",
        "machine { part(X) }", "machine { disk(X) }", "machine { disk { file = X } }",
        "machine { nic { forward = X } }", "machine { nic { forward = { ssh = X } } }",
        "machine { nic { forward = { [X] = 22 } } }", "machine { [X] = 1 }",
          "machine { disk { [X] = 1 } }",
        "machine { qemu.device(X) }", "machine { qemu.device { 'x', a = X } }",
          "machine { raw(X) }",
        "machine { raw { X } }", "machine { on(X, print) }", "machine { on('ready', X) }",
        "machine { memory = { bytes = X } }", "X", "error(X)",
          "error(setmetatable({}, { __tostring = X }))",
        "machine { on('configure', function() error(X) end) }",
        "machine { on('configure', function(raw) raw.cpus = X end) }",
        "machine { on('plan', function(plan) setmetatable(plan.argv, { __index = X }) "
          .. "plan:add(X) end) }",
        "machine { qemu[X] }", "machine { _G[X] }", "machine { read(X) }", "machine { require(X) }",
        "machine { env(X) }",
      } do refused(".", ("local x = %s return %s"):format(loops, (text:gsub("X", "x")))) end
    end
  end)

  it("cannot change its values after it was read", function()
    refused("a table with a metatable", [[
      local fields = { file = "a.qcow2" }
      local d = disk(fields)
      setmetatable(fields, { __index = function() end })
      return machine { d }]])
    local plan, machine = plan_of([[
      local forward = { ssh = 22 }
      return machine { nic { forward = forward }, on("plan", function() forward.ssh = {} end) }]])
    assert.equal(22, machine.items[2].forward[1].guest)
    assert.is_table(plan)
  end)

  it("cannot make a machine without end #thorough", function()
    refused("more than 20000 values",
      "local a = {} for _ = 1, 60 do a = { a, a } end return machine { a }")
    refused("contains itself", "local a = {} for i = 1, 9 do a[i] = a end return machine { a }")
    refused("a table that is too large",
      "local a = {} for i = 1, 30000 do a[i] = nic end return machine { a }")
    refused("no such field", [[
      local many = {}
      for i = 1, 19000 do many[('overlay'):rep(3) .. i] = i end
      return machine { disk(many) }]])
    refused("a table that is too large",
      "local t = {} for i = 1, 30000 do t['x' .. i] = i end return machine { nic { forward = t } }")
  end)

  it("cannot make lunik's own patterns loop", function()
    local most = 131071
    for _, text in ipairs {
      "machine { memory = ('1'):rep(%d) }", "machine { ready_within = ('1'):rep(%d) }",
      "machine { mount { from = '/src', to = '/' .. ('/'):rep(%d - 2) .. 'x' } }",
      "machine { disk { file = ('/'):rep(%d - 1) .. 'x' } }",
        "machine { ready = ('console:'):rep(9) .. (' '):rep(%d - 99) }",
      "machine { uuid = ('0'):rep(%d) }", "machine { nic { mac = ('0'):rep(%d) } }",
    } do refused("^vm.lua:1: ", "return " .. text:format(most)) end
    refused("got a text of 131072 bytes", "return machine { append = ('x'):rep(131072) }")
  end)

  it("reaches no function of lunik's", function()
    for why, text in pairs {
      ["cannot be looked into"] = "local d = disk {} d.word = 'qemu.x'",
      ["looked into or changed"] = "print((disk {}).__index)",
      ["not a table of this recipe"] = "setmetatable(disk {}, {})",
      ["no such name 'rawset'"] = "rawset(disk {}, 1, 2)",
      ["nil value %(field 'host'%)"] =
        "return machine { on('plan', function(plan) plan.host.contents '/etc/passwd' end) }",
      ["nil value %(field '__index'%)"] =
        "return machine { on('plan', function(plan) plan.__index.build = nil end) }",
      ["nil value %(field 'items'%)"] =
        "return machine { on('plan', function(_, machine) machine.items[1].row.emit = nil end) }",
      ["nil value %(field 'randomseed'%)"] = "math.randomseed(1)",
    } do refused(why:find "rawset" and "'rawset': not in recipes" or why, text:find "^return"
      and text or text .. " return machine {}") end
  end)

  it("loads no extension from the folder lunik is called in", function()
    local path = package.path
    package.path = "./?.lua;spec/?.lua;" .. path
    refused("no extension 'lunik.ext.evil' is installed",
      "require 'lunik.ext.evil' return machine {}")
    for _, name in ipairs { "lunik.ext.", "lunik.ext...x", "lunik.ext./etc/x", "lunik.recipe",
      "lunik" } do
      refused("require: ", ("require %q return machine {}"):format(name))
    end
    package.path = path
  end)

  it("writes nothing raw on the terminal", function()
    for _, text in ipairs {
      "error('\27[31m\7\n\tred \xff \xc2\x9b', 0)", "return machine { name = '\27[2J' }",
      "return machine { ['\27[2J\nvm.lua:9: forged'] = 1 }",
        "return machine { disk { file = 'missing\27[2J\xff' } }",
      "return machine { mount { from = '/x', tag = ('\27'):rep(99) } }",
        "return machine { nic { ['\27'] = 1 } }",
      "local _ = _G['\27[2J']", "local _ = qemu['\27[2J']", "require '\27'", "read '../\27'",
      "return machine { on('\27', print) }", "return machine { qemu.device { 'x', ['\27'] = {} } }",
      "return machine { { ['\27'] = 1 } }", "return machine { raw { ['\27'] = 1 } }", "\27",
      "return machine { arch = '\27' }", "return machine { mount { from = 'missing\n\27' } }",
    } do
      local plan, problems = plan_of(text)
      assert.is_nil(plan, text)
      for _, problem in ipairs(problems) do
        local shown = lunik.text { problem }
        assert.is_nil(shown:gsub("[\n\t]", ""):find "%c", text)
        assert.is_truthy(utf8.len(shown), text)
        if problem.path then assert.is_nil(shown:find "\n", text) end
      end
    end
  end)
end)
