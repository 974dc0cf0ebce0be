-- types/: what editors know of QEMU's options, events and hook points, read back and held against
-- the rows.
local events = require "lunik.hook.events"
local points = require "lunik.hook.points"
local printed = require "lunik.reference.printed"
local qemu = require "lunik.qemu"
local recipe_words = require "lunik.recipe.words"

local LARGEST = 400000     -- bytes: language servers leave out what is larger

local function texts()
  local list = {}
  for _, each in ipairs(printed) do
    if each[1]:find "^types/" then list[each[1]] = each[2]() end
  end
  return list
end

-- The classes of all files: name -> { field = type and doc }, and the names of those that are used.
local function parsed(list)
  local classes, used = {}, {}
  for _, text in pairs(list) do
    local class
    for line in text:gmatch "[^\n]+" do
      local name = line:match "^%-%-%-@class ([%w._]+)"
      if name then
        class = classes[name] or {}
        classes[name] = class
      end
      local field, rest = line:match "^%-%-%-@field ([^ ]+) (.*)$"
      if field and class then
        field = field:gsub("%?$", ""):gsub('^%["(.*)"%]$', "%1")
        assert(not class[field], ("%s: twice in a class"):format(line))
        class[field] = rest
      elseif not line:find "^%-%-%-@" then
        class = nil
      end
      for type in line:gmatch "^%-%-%-@%a.*" do
        for each in type:gmatch "lunik%.[%w._]+" do used[(each:gsub("%.$", ""))] = true end
      end
    end
  end
  return classes, used
end

describe("the types for editors", function()
  local list, classes, used

  setup(function()
    list = texts()
    classes, used = parsed(list)
  end)

  it("are Lua, and small enough to be read", function()
    for path, text in pairs(list) do
      assert(load(text, path))
      assert.is_true(#text < LARGEST, path)
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

  it("give the recipe's word qemu its class", function()
    assert.equal("lunik.qemu", recipe_words.find "qemu".type)
    assert(list["types/recipe.lua"]:find("---@type lunik.qemu\nqemu = {}", 1, true))
  end)
end)
