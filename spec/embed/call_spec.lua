-- Methods called by an embedding program: by the rows of lunik.vm.methods, with names and JSON.
local call = require "lunik.embed.call"
local core = require "lunik.core"
local facade = require "lunik.vm.facade"
local methods = require "lunik.vm.methods"

-- A machine whose methods only note what they were asked, and give what a row gives.
local function machine(place, gives)
  local noted = {}
  local handle = facade.new({ name = "noted" }, place, function(row)
    return function(_, asked)
      noted.name, noted.asked = row.name, asked
      return gives
    end
  end, {})
  return { handle = handle }, noted
end

local VALUES = { string = "text", bytes = "\0\xff", integer = 7, number = 1.5, boolean = true,
                 list = { "a", "b" }, array = { 1 }, object = { member = "value" } }

-- What a row takes: as Lua has it, and as JSON.
local function arguments(row)
  local asked, json = {}, core.json.object {}
  for _, argument in ipairs(row.takes) do
    local value = argument.one_of and argument.one_of[1] or VALUES[argument.type]
    if not argument.here then
      asked[argument.name] = value
      json[argument.name] = type(value) == "table" and value[1] and core.json.array { table.unpack(
        value) } or value
      if argument.type == "bytes" then
        json[argument.name], json[argument.name .. "-b64"] = nil, core.base64.encode(value)
      end
    end
  end
  return asked, assert(core.json.encode(json))
end

describe("a method called with JSON", function()
  for _, place in ipairs { "machine", "attached" } do
    for _, row in ipairs(methods.at(place)) do
      if row.name ~= "on" and row.name ~= "spawn" then
        it(("reaches %s of a machine that is %s, with all that it takes"):format(row.name, place),
          function()
            local vm, noted = machine(place, { state = "noted", list = core.json.array {} })
            local asked, json = arguments(row)
            local text, problems = call.json(vm, row.name, json)
            assert(text, problems and problems[1].why)
            assert.equal(row.name, noted.name)
            assert.same(asked, noted.asked)
            assert.same({ state = "noted", list = {} }, core.json.decode(text))
          end)
      end
    end
  end

  it("gives bytes in base64, numbers and truth as they are, and an object for nothing", function()
    local function given(name, value, json)
      return (call.json((machine("machine", value)), name, json))
    end
    assert.matches('"out%-b64":"AAH/"',
      given("exec", { status = 0, out = "\0\1\xff", err = "" }, '{"argv":["x"]}'))
    assert.equal("true", given("is_now_ready", true))
    assert.equal("{}", given("stop", true))
    assert.equal("8080", given("forward", 8080, '{"name":80}'))
  end)

  it("says what is wrong with a call, with a code", function()
    local vm = machine("machine", true)
    local function wrong(name, json)
      local text, problems = call.json(vm, name, json)
      assert.is_nil(text)
      return problems[1].why, problems[1].code
    end
    assert.same({ "vm has no 'moutn'; did you mean 'mount'?", "missing" }, { wrong "moutn" })
    assert.same({ "vm:stop: Parameter 'rung' does not accept value 'soft'; there are: powerdown, "
      .. "quit, term, kill", "invalid" }, { wrong("stop", '{"rung":"soft"}') })
    assert.same({ "vm:exec: Invalid parameter type for 'stdout', expected: function", "invalid" },
      { wrong("exec", '{"argv":["x"],"stdout":1}') })
    assert.same({ "out-b64: base64 expected", "invalid" }, { wrong("exec", '{"out-b64":"?"}') })
    assert.same({ "no program 3", "missing" }, { wrong("program.read", '{"program":3}') })
    assert.same({ "a program has no 'raed'; did you mean 'program.read'?", "missing" },
      { wrong("program.raed", '{"program":1}') })
  end)
end)
