-- What core.options promises of schemas: one that is wrong in any way raises and says where,
-- and nothing that is done to its tables later makes build do more than answer or refuse.
local options = require "lunik.core".options
local long = require "support.long"
local small = require "support.small_schema"

local schema, line = small.schema, small.line

describe("options.compile", function()
  it("takes a schema that is right", function()
    assert.same({ "qemu", "-one", "x,id=i,way=up", "-one", "y,ref=i", "-two", "word=w,type=a",
      "-three" }, options.build(options.compile(schema()), line()))
  end)

  local function refused(why, change)
    local content = schema()
    change(content)
    local ok, said = pcall(options.compile, content)
    assert.is_false(ok)
    assert.equal("schema: " .. why, said)
  end

  it("says what is missing or of the wrong type", function()
    for _, name in ipairs { "rows", "keys", "tables", "names", "titles" } do
      refused(name .. ": table expected, got nil", function(s) s[name] = nil end)
      refused(name .. ": table expected, got number", function(s) s[name] = 1 end)
    end
    refused("rows[2]: table expected, got boolean", function(s) s.rows[2] = true end)
    refused("tables[1]: table expected, got string", function(s) s.tables[1] = "x" end)
    refused("keys[1].name: missing", function(s) s.keys[1].name = nil end)
    refused("keys[3].name: string expected, got number", function(s) s.keys[3].name = 1 end)
    refused("keys[3].name: string without NUL expected, got string",
      function(s) s.keys[3].name = "a\0b" end)
    refused("rows[1].flag: missing", function(s) s.rows[1].flag = nil end)
    refused("rows[1].form: string expected, got table", function(s) s.rows[1].form = {} end)
    refused("rows[1].repeats: boolean expected, got number", function(s) s.rows[1].repeats = 1 end)
    refused("keys[2].rank: integer expected, got nil", function(s) s.keys[2].rank = nil end)
    refused("keys[2].least: integer expected, got number", function(s) s.keys[2].least = 0.5 end)
  end)

  it("refuses numbers that lead nowhere", function()
    refused("keys[1].kind: 14 is out of range", function(s) s.keys[1].kind = 14 end)
    refused("keys[3].words: 4 is out of range", function(s) s.keys[3].words = 4 end)
    refused("keys[3].rank: -1 is out of range", function(s) s.keys[3].rank = -1 end)
    refused("rows[1].first: 5 is out of range", function(s) s.rows[1].first = 5 end)
    refused("rows[1].id: 4294967297 is out of range", function(s) s.rows[1].id = (1 << 32) + 1 end)
    refused("rows[2].forms: 99 is out of range", function(s) s.rows[2].forms = 99 end)
    refused("rows[3].grammar: 4 is out of range", function(s) s.rows[3].grammar = 4 end)
  end)

  it("refuses a list that only looks long", function()
    for _, name in ipairs { "rows", "keys", "tables" } do
      local content = schema()
      long.make(content[name], #content[name], content[name][1])
      local ok, why = pcall(options.compile, content)
      assert.same({ false, "a list of over 1000000 values" }, { ok, why })
    end
  end)

  it("makes no schema of what it raised at", function()
    assert.has_error(function() options.build({}, {}) end)
    assert.has_error(function() options.build(io.stdout, {}) end)
  end)
end)

describe("options.build", function()
  it("keeps the schema's texts when its tables change", function()
    local content = schema()
    for i, key in ipairs(content.keys) do key.name = key.name .. ("x"):rep(50) .. i end
    local names = content.tables[1]
    local compiled = options.compile(content)
    for i, key in ipairs(content.keys) do content.keys[i], key.name = 1, nil end
    content.rows[1].flag, content.keys, content.rows = nil, nil, nil
    collectgarbage()
    for i = 1, 200 do names["filler" .. i] = nil end
    assert.same({ "-one", "x,way" .. ("x"):rep(50) .. "3=up" },
      options.build(compiled, { one = { "x", way = "up" } }))
  end)

  it("leaves to Lua what tables that have changed lead to", function()
    local changes = {
      function(s) s.tables[1].way = 99 end,
      function(s) s.tables[1].way = -1 end,
      function(s) s.tables[1].way = 1 << 40 end,
      function(s) s.tables[1] = nil end,
      function(s) s.tables[2] = "up" end,
      function(s) s.names.one = 4 end,
      function(s) s.names.one = 0 end,
      function(s) s.names.one = math.mininteger end,
    }
    for _, change in ipairs(changes) do
      local content = schema()
      local compiled = options.compile(content)
      change(content)
      assert.is_nil((options.build(compiled, { one = { "x", way = "up" } })))
    end
  end)

  it("looks into no table that is nested within itself", function()
    local compiled, own = options.compile(schema()), { "x" }
    own.way, own[2] = own, own
    local all = { one = own }
    all.two = all
    assert.is_nil((options.build(compiled, { one = own })))
    assert.is_nil((options.build(compiled, all)))
  end)
end)

-- Every table of the schema, itself too.
local function tables_in(value, list)
  if list[value] then return list end
  list[#list + 1], list[value] = value, true
  for _, each in pairs(value) do
    if type(each) == "table" then tables_in(each, list) end
  end
  return list
end

local function random_value(within)
  local values = { true, false, 0, 1, 2, -1, 99, 0.5, 0 / 0, 1 << 31, 1 << 32, math.mininteger,
    math.maxinteger, "", "a", "one", ("x"):rep(3000), "a\0b", print, io.stdout, {}, { 1 } }
  values[#values + 1] = within[math.random(#within)]
  values[#values + 1] = coroutine.create(print)
  return values[math.random(#values + 4)]
end

-- Changes an entry, adds one or takes one away.
local function change(content)
  local all = tables_in(content, {})
  local at, keys = all[math.random(#all)], {}
  for key in pairs(at) do keys[#keys + 1] = key end
  local key = keys[math.random(#keys + 1)] or math.random(4)
  at[key] = random_value(all)
  return at, key
end

describe("any table", function()
  it("compiles or raises, and any line is built or refused, 3,000 times", function()
    local seed = os.time()
    math.randomseed(seed)
    local compiled = 0
    for _ = 1, 3000 do
      local content, spec = schema(), line()
      for _ = 1, math.random(0, 2) do change(content) end
      change(spec)
      local ok, made = pcall(options.compile, content)
      if ok then
        compiled = compiled + 1
        pcall(change, content)
        local built, out = pcall(options.build, made, spec)
        assert.is_true(built, ("seed %d: %s"):format(seed, out))
      end
    end
    assert.is_true(compiled > 150)
  end)
end)
