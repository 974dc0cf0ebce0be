-- The words of a recipe: what the environment offers has a row, and the rows are true.
local check = require "lunik.schema.check"
local device = require "lunik.device"
local environment = require "lunik.recipe.environment"
local fakehost = require "support.fakehost"
local recipe = require "lunik.recipe"
local safe = require "lunik.recipe.safe"
local words = require "lunik.recipe.words"

-- Runs a recipe's text: its machine's `append`, or the first problem.
local function run(text)
  local host = fakehost.new {}
  function host.contents() return text end
  local raw, problems = recipe.load("vm.lua", host, { dir = "/home/dev/vm" })
  return raw and raw.item.fields.append, problems and check.text(problems[1])
end

local function set(list)
  local out = {}
  for _, each in ipairs(list) do out[each] = true end
  return out
end

describe("the words of a recipe", function()
  it("are all there, and so are the names that suggestions come from", function()
    for _, name in ipairs(environment.names()) do
      local type = assert(run(("return machine { append = type(%s) }"):format(name)))
      assert.not_equal("nil", type, name)
    end
    for _, row in ipairs(words.rows) do
      local type = assert(run(("return machine { append = type(%s) }"):format(row.name)))
      local expected = row.params and "function" or row.type
      if expected == "function" or expected == "string" then assert.equal(expected, type) end
    end
  end)

  it("have a row each, but for Lua's own and the families", function()
    local known = set(environment.names())
    for name in pairs(safe.globals {}) do assert(known[name], name .. ": no row") end
    for _, name in ipairs(device.families) do assert.is_nil(words.find(name)) end
    for name in words.lua:gmatch "%S+" do assert.is_nil(words.find(name)) end
  end)

  it("are suggested", function()
    local _, why = run "return machin { }"
    assert.matches("did you mean 'machine'", why)
    _, why = run "return machine { append = red 'x' }"
    assert.matches("did you mean 'read'", why)
  end)

  it("say when they can be used, in one line, with an example that is Lua", function()
    local phases = { reading = true, running = true, both = true }
    for _, row in ipairs(words.rows) do
      assert(phases[row.phase], row.name)
      assert(not row.doc:find "\n", row.name)
      assert(load(row.example) or load("return " .. row.example), row.example)
      assert(row.example:find(row.name:match "[^.]+$", 1, true), row.name)
      assert(row.params or row.type, row.name)
    end
  end)
end)
