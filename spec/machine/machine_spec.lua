-- Whatever stands in a field, the answer is a plan or problems with their lines: never a
-- Lua error, never raw control characters, and the same at every reading.
local device = require "lunik.device"
local fakehost = require "support.fakehost"
local lunik = require "lunik"
local qemu = require "lunik.qemu"
local scalar = require "lunik.machine.scalar"

-- Lua text of values that few fields take.
local wrong = { "nil", "false", "true", "0", "-1", "1", "22", "1.5", "0/0", "1/0", "-1/0", "1e300",
  "math.mininteger", "math.maxinteger", "''", "'x'", "'/x'", "'missing'", "'4G'", "'/dev/null'",
    "'~'",
  "'\\0'", "'a\\nb'", "'\\27[2J'", "'\\xff\\xfe'", "'a,b=c'", "'-x'", "'console: ('",
    "('x'):rep(300)",
  "('x'):rep(5000)", "('x'):rep(200000)", "('1'):rep(5000)", "{}", "{ 1, 2, 3 }", "{ 'x' }",
    "{ a = 1 }",
  "{ { {} } }", "{ [1.5] = 1 }", "{ [true] = 1 }", "{ bytes = 1.5 }", "{ bytes = -1 }",
    "{ [2^53] = 1 }",
  "{ ssh = 22 }", "{ ssh = { guest = 22, host = 1 / 0 } }", "{ ['8080'] = 80, [8080] = 80 }",
  "{ ['a\\nb'] = {} }", "{ powerdown = 0 / 0 }", "function() end", "print", "disk {}", "nic",
    "{ disk {} }",
  "machine {}", "GiB(1)", "string", "_G", "qemu", "host", "setmetatable({}, { __index = {} })" }

local keys = { "['a b']", "['']", "['\\n']", "['\\xff']", "[1]", "[2]", "[-1]", "[1 << 40]",
  "[1.5]", "[true]",
  "[{}]", "[print]", "kind", "id", "nosuch" }

-- Every constructor with the names of its fields.
local function constructors()
  local out = { { "part", {} }, { "raw", {} }, { "on", {} } }
  for _, row in ipairs(scalar) do table.insert(out[1][2], row[1]) end
  for _, family in ipairs(device.families) do
    for _, name in ipairs(device.family(family).kinds) do
      local fields = {}
      for _, row in ipairs(device.row(family, name).known) do fields[#fields + 1] = row[1] end
      out[#out + 1] = { family, fields, name }
    end
  end
  for _, name in ipairs(qemu.names()) do out[#out + 1] = { ("qemu[%q]"):format(name), { "id" } } end
  return out
end

local function plan_of(text)
  local host = fakehost.new()
  function host.contents() return text end
  return lunik.plan("vm.lua", { host = host, dir = "/home/dev/vm", anyway = true })
end

local function has_line(problem)
  local at = problem.at and problem.at[1]
  return at and at.file == "vm.lua" and at.line ~= nil or problem.why:find "^vm.lua:%d+: "
    or problem.why:find "^vm.lua: returns " or problem.why:find "^vm.lua: raised "
end

-- Reads `text` twice; returns what came of it as text.
local function survives(text)
  local ok, plan, problems = xpcall(plan_of, debug.traceback, text)
  assert(ok, ok or text .. "\n" .. tostring(plan))
  if plan then
    local list, why = plan:command("live", true)
    assert(list, list or ("%s\nno command line: %s"):format(text, why))
    local again = plan_of(text)
    assert.same(list, again:command("live", true), text)
    return
  end
  local shown = lunik.text(problems)
  for _, problem in ipairs(problems) do
    assert(has_line(problem), text .. "\nno line: " .. shown)
    -- what a recipe raises may have lines
    local why = text:find "error%(" and problem.why:gsub("\n", "") or problem.why
    assert(utf8.len(why) and not why:find "%c", text .. "\nraw: " .. shown)
  end
  local _, again = plan_of(text)
  assert.equal(shown, lunik.text(again), text)
end

describe("machine.new", function()
  it("survives every wrong value in every field #thorough", function()
    for _, row in ipairs(scalar) do
      for _, value in ipairs(wrong) do
        survives(("return machine {\n%s = %s }"):format(row[1], value))
      end
    end
    for _, one in ipairs(constructors()) do
      local kind = one[3] and #device.family(one[1]).kinds > 1 and ("kind = %q,"):format(one[3])
        or ""
      for _, field in ipairs(one[2]) do
        for _, value in ipairs(wrong) do
          survives(("return machine { nic {},\n%s { %s %s = %s } }"):format(one[1], kind, field,
            value))
        end
      end
    end
  end)

  it("survives every wrong value in every position #thorough", function()
    for _, one in ipairs(constructors()) do
      for _, value in ipairs(wrong) do
        survives(("return machine {\n%s { %s } }"):format(one[1], value))
        survives(("return machine {\n%s(%s) }"):format(one[1], value))
      end
      for _, key in ipairs(keys) do
        survives(("return machine {\n%s { %s = 'x' } }"):format(one[1], key))
      end
    end
    for _, value in ipairs(wrong) do
      for _, form in ipairs { "return %s", "return machine(%s)", "return machine { %s }",
        "return machine { { %s } }",
        "return machine { on(%s, print) }", "return machine { on('ready', %s) }", "error(%s)",
        "return machine { on('plan', function() error(%s) end) }",
        "return machine { on('plan', function(plan) plan:add(%s) end) }",
        "return machine { on('configure', function(raw) raw[#raw + 1] = %s raw.cpus = raw[1] "
          .. "end) }",
        "return machine { on('configure', function() error(%s) end) }", "return %s, machine {}",
        "read(%s)", "require(%s)", "env(%s)", "return machine { memory = GiB(%s) }" } do
        survives(form:format(value))
      end
    end
  end)

  it("survives random recipes #thorough", function()
    math.randomseed(11)
    local all = constructors()
    local function some(list) return list[math.random(#list)] end
    for _ = 1, 3000 do
      local text = { "return machine {" }
      for _ = 1, math.random(5) do
        local one, fields = some(all), {}
        for i = 1, math.random(0, 4) do
          local name = #one[2] > 0 and math.random(4) > 1 and some(one[2]) or some(keys)
          fields[i] = ("%s = %s"):format(name, some(wrong))
        end
        text[#text + 1] = ("%s { %s },"):format(one[1], table.concat(fields, ",\n"))
      end
      for _ = 1, math.random(0, 3) do
        text[#text + 1] = ("%s = %s,"):format(some(scalar)[1], some(wrong))
      end
      survives(table.concat(text, "\n") .. "}")
    end
  end)

  it("survives every wrong text behind --set", function()
    local host = fakehost.new()
    function host.contents() return "return machine {}" end
    for _, row in ipairs(scalar) do
      for _, value in ipairs { "", "x", "0", "-1", "1e999", "nan", "inf", "0x10", "true", "off",
        "4G", "4", "{}",
        "a,b=c", "\0", "\27", "\xff", "a\nb", ("9"):rep(5000), ("x"):rep(200000), "/dev/null",
          "missing" } do
        local ok, plan, problems = xpcall(lunik.plan, debug.traceback, "vm.lua",
          { host = host, dir = "/d", set = { [row[1]] = value }, anyway = true })
        assert(ok, plan)
        local shown = plan and "" or lunik.text(problems)
        assert(plan or shown:find("--set " .. row[1], 1, true), shown)
        assert(not shown:find "%c" and utf8.len(shown), shown)
      end
    end
  end)
end)
