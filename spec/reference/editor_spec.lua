-- types/: what editors know of QEMU's options, events and hook points, read back and held against
-- the rows.
local api = require "lunik.reference.api"
local events = require "lunik.hook.events"
local luacats = require "support.luacats"
local points = require "lunik.hook.points"
local printed = require "lunik.reference.printed"
local qemu = require "lunik.qemu"
local recipe_words = require "lunik.recipe.words"

local function texts()
  local list = {}
  for _, each in ipairs(printed) do
    if each[1]:find "^types/" then list[each[1]] = each[2]() end
  end
  return list
end

describe("the types for editors", function()
  local list, classes, used

  setup(function()
    list = texts()
    classes, used = luacats.parsed(list)
  end)

  it("are Lua, and small enough to be read", function()
    for path, text in pairs(list) do
      assert(load(text, path))
      assert.is_true(#text < luacats.largest, path)
    end
  end)

  it("have a class for every option of QEMU, with every key of its row", function()
    for _, row in ipairs(qemu.list()) do
      local name = row.name:gsub("%-", "_")
      local class = assert(classes["lunik.qemu." .. name], row.name)
      assert(classes["lunik.qemu"][name], row.name)
      local function holds(keys)
        for _, key in ipairs(keys or {}) do
          local written = key[1]:gsub("%-", "_")
          written = written:find "^[%a_][%w_]*$" and written or key[1]
          assert(key[1]:find("*", 1, true) or class[written], row.name .. ": " .. key[1])
        end
      end
      holds(row.keys)
      for _, keys in pairs(row.by or {}) do holds(keys) end
    end
  end)

  it("have nothing that no row has", function()
    for name in pairs(classes["lunik.qemu"]) do assert(qemu.rows[name], name) end
    for name, class in pairs(classes) do
      local option = name:match "^lunik%.qemu%.(.+)$"
      local row = option and assert(qemu.rows[option], name)
      local known = {}
      local function add(keys)
        for _, key in ipairs(keys or {}) do known[(key[1]:gsub("%-", "_"))] = true end
      end
      add(row and row.keys)
      for _, keys in pairs(row and row.by or {}) do add(keys) end
      for field in pairs(row and class or {}) do
        assert(field:find "^%[" or known[(field:gsub("%-", "_"))], name .. ": " .. field)
      end
    end
  end)

  it("have every event with its data, and every hook point", function()
    local hooks = list["types/hooks.lua"]
    for _, row in ipairs(events.rows) do
      local class = assert(classes["lunik.event." .. row.name], row.name)
      for _, member in ipairs(row.carries or {}) do assert(class[member.name], member.name) end
      local heard = hooks:find(('@param point "%s"'):format(row.name), 1, true) ~= nil
      assert.equal(not row.lunik, heard, row.name)
    end
    for _, row in ipairs(points.rows) do
      assert(hooks:find(('@param point "%s"'):format(row.name), 1, true), row.name)
    end
  end)

  it("name no class that there is not", function()
    for name in pairs(used) do assert(classes[name], name) end
  end)

  it("have a std for luacheck, with all that a recipe sees", function()
    local std, names = load(list["types/luacheck.lua"])(), {}
    for key, value in pairs(std.read_globals) do
      names[type(key) == "number" and value or key] = true
    end
    for _, family in ipairs(require "lunik.device".families) do assert(names[family], family) end
    for _, row in ipairs(recipe_words.rows) do
      local owner, member = row.name:match "^([^.]+)%.(.+)$"
      local fields = owner and std.read_globals[owner]
      assert(_G[owner or row.name] ~= nil or (fields and fields.fields[member])
             or not owner and names[row.name], row.name)
    end
    for _, row in ipairs(qemu.list()) do
      assert(std.read_globals.qemu.fields[row.name], row.name)
      assert(std.read_globals.qemu.fields[row.name:gsub("%-", "_")], row.name)
    end
  end)

  it("have the functions of lunik and their options, which it holds others against", function()
    local lunik, names = require "lunik", {}
    for _, row in ipairs(api.lunik) do names[row[1]] = true end
    for name, value in pairs(lunik) do
      assert.equal(type(value) == "function" or nil, names[name], name)
    end
    local known = {}
    for name, call in pairs { load = { "vm.lua" }, plan = { "vm.lua" }, start = { "vm.lua", {} },
      run = { "vm.lua" }, up = { "vm.lua" }, restore = { "/m.saved" },
      fork = { "/m.saved" } } do
      call[#call + 1] = { zzzzzzzz = true }
      local _, why = pcall(lunik[name], table.unpack(call))
      for each in why:match "no option 'zzzzzzzz'; (.*)$":gmatch "[%l_]+" do known[each] = true end
    end
    for _, row in ipairs(api.options) do assert.is_true(known[row[1]], row[1]) end
    for _, row in ipairs(api.options) do known[row[1]] = nil end
    local loop = require "lunik.loop"
    for _, row in ipairs(api.loop) do assert.equal("function", type(loop[row[1]]), row[1]) end
    for _, word in ipairs { "there", "are", "is", "or", "and" } do known[word] = nil end
    assert.same({}, known)
    local given = {}
    local _, refused = pcall(lunik.submit, { zzzzzzzz = true })
    for each in refused:match "no option 'zzzzzzzz'; (.*)$":gmatch "[%l_]+" do
      given[each] = true
    end
    for _, word in ipairs { "there", "are", "and", "or" } do given[word] = nil end
    for _, row in ipairs(api.submission) do
      assert.is_true(given[row[1]], row[1])
      given[row[1]] = nil
    end
    assert.same({}, given)
    _, refused = pcall(lunik.pool, { zzzzzzzz = true })
    for _, row in ipairs(api.pool_options) do
      assert.truthy(refused:find("%f[%l]" .. row[1] .. "%f[^%l]"), row[1])
    end
    local pool = require "lunik.supervisor.pool.handle"
    for _, row in ipairs(api.pool) do assert.equal("function", type(pool[row[1]]), row[1]) end
  end)

  it("give the recipe's word qemu its class", function()
    assert.equal("lunik.qemu", recipe_words.find "qemu".type)
    assert(list["types/recipe.lua"]:find("---@type lunik.qemu\nqemu = {}", 1, true))
  end)
end)
