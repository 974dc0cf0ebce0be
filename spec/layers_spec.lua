-- SPDX-License-Identifier: MIT
-- The shape of the house, read from its files: who may require whom, what C may know, and
-- how long things may get.
local dirent = require "posix.dirent"
local floors = require "support.floors"
local stat = require "posix.sys.stat"

local FLAT = 12                       -- files that may lie in no room
local forwarding = { loop = true }    -- public names of what lies in a room

local ceiling = { c = 500, lua = 300, ["function"] = 60, columns = 100 }

-- The files below a folder, by the pattern of their names; `flat`: right in it only.
local function files(where, pattern, flat, into)
  local found = into or {}
  for _, name in ipairs(dirent.dir(where)) do
    local path = where .. "/" .. name
    if stat.S_ISDIR(assert(stat.stat(path)).st_mode) ~= 0 then
      if not flat and not name:find "^%." then files(path, pattern, flat, found) end
    elseif name:find(pattern) then
      found[#found + 1] = path
    end
  end
  assert(into or #found > 0, where .. ": no " .. pattern)
  table.sort(found)
  return found
end

local function lines(path)
  local list = {}
  for line in io.lines(path) do list[#list + 1] = line end
  return list
end

local function text(path)
  local file <close> = assert(io.open(path))
  return file:read "a"
end

local function module(path)
  local name = path:match "^lua/lunik/(.*)%.lua$":gsub("/init$", ""):gsub("/", ".")
  return name
end

-- The modules of lunik that a file names in a require; `listed`: those that a list names as well,
-- by what they begin with ("lunik.device." and a kind).
local function required(path, listed)
  local names, source = {}, text(path):gsub("%-%-[^\n]*", "")
  for name in source:gmatch "require%s*%(?%s*[\"'](lunik[%w_.]*)[\"']" do
    if listed or name:sub(-1) ~= "." then
      names[#names + 1] = name == "lunik" and "init" or name:match "^lunik%.(.-)%.?$"
    end
  end
  return names
end

-- Problems of one module, one line each.
local function misplaced(path, name)
  local problems, level = {}, floors.of(name)
  if forwarding[name] then return problems end
  if not level then return { path .. ": in no room" } end
  for _, other in ipairs(required(path, true)) do
    local below = floors.of(other)
    if not below then
      problems[#problems + 1] = ("%s: requires %s, which is in no room"):format(path, other)
    elseif below <= level and floors.room(other) ~= floors.room(name) then
      problems[#problems + 1] = ("%s: requires %s, which is not below"):format(path, other)
    end
  end
  return problems
end

-- The circles of a graph, name -> list of names: "a > b > a", one for each way back.
local function circles(graph)
  local found, state = {}, {}
  local function visit(name, way)
    way[#way + 1] = name
    state[name] = "open"
    for _, other in ipairs(graph[name] or {}) do
      if state[other] == "open" then
        found[#found + 1] = table.concat(way, " > ") .. " > " .. other
      elseif not state[other] then
        visit(other, way)
      end
    end
    way[#way], state[name] = nil, "done"
  end
  for _, name in ipairs(require "lunik.text.sorted"(graph)) do
    if not state[name] then visit(name, {}) end
  end
  return found
end

-- { name, first line, length } of every function: in C by its brace in the first column, in
-- Lua by the `end` that is indented as its first line.
local function c_functions(list)
  local found, first = {}, nil
  for number, line in ipairs(list) do
    if line:find "^[%a_][%w_]*%(" then first = number end
    if line:find "^}" and first then
      found[#found + 1] = { list[first], first, number - first + 1 }
      first = nil
    end
  end
  return found
end

local function lua_functions(list)
  local found = {}
  for first, line in ipairs(list) do
    local indent = line:gsub('"[^"]*"', '""'):match "^(%s*).*%f[%w_]function%f[^%w_]"
    if indent and not line:find "%f[%w_]end%f[^%w_]" then
      local last = first + 1
      local closing = "^" .. indent .. "end%f[^%w_]"
      while list[last] and not list[last]:find(closing) do last = last + 1 end
      found[#found + 1] = { line, first, last - first + 1 }
    end
  end
  return found
end

local function too_long(paths, functions, limit)
  local problems = {}
  for _, path in ipairs(paths) do
    local list = lines(path)
    if #list > limit then problems[#problems + 1] = ("%s: %d lines"):format(path, #list) end
    for _, each in ipairs(functions(list)) do
      if each[3] > ceiling["function"] then
        problems[#problems + 1] = ("%s:%d: %d lines: %s"):format(path, each[2], each[3], each[1])
      end
    end
  end
  return problems
end

local function width(line)
  return utf8.len((line:gsub("\t", "        "))) or #line
end

describe("the house", function()
  it("requires downwards only", function()
    local problems = {}
    for _, path in ipairs(files("lua/lunik", "%.lua$")) do
      table.move(misplaced(path, module(path)), 1, 100, #problems + 1, problems)
    end
    assert.same({}, problems)
  end)

  it("has no circle, late requires included", function()
    local graph = {}
    for _, path in ipairs(files("lua/lunik", "%.lua$")) do graph[module(path)] = required(path) end
    assert.same({}, circles(graph))
    assert.same({ "a > b > c > b" }, circles { a = { "b" }, b = { "c" }, c = { "b" } })
  end)

  it("has rooms that are there", function()
    local there = { core = true }
    for _, path in ipairs(files("lua/lunik", "%.lua$")) do
      there[floors.room(module(path))] = true
    end
    for _, name in ipairs(floors.rooms()) do assert(there[name], name .. ": no such room") end
  end)

  it("has few files that lie flat, and none beside a folder of its name", function()
    local flat, folder = files("lua/lunik", "%.lua$", true), {}
    for _, path in ipairs(files("lua/lunik", "%.lua$")) do folder[path:match "^(.*)/"] = true end
    assert(#flat <= FLAT, #flat .. " files lie flat")
    for _, path in ipairs(files("lua/lunik", "%.lua$")) do
      assert(not folder[path:match "^(.*)%.lua$"], path .. ": lies beside its folder")
    end
  end)

  it("sees a require that goes up", function()
    local path = os.tmpname()
    local file <close> = assert(io.open(path, "w"))
    file:write [[
      local cli = require "lunik.cli"
      -- require "lunik.vm"
      local core, family = require"lunik.core", require("lunik.host." .. cli)
      return require "lunik", require "lunik.nowhere"
    ]]
    file:flush()
    local problems = misplaced(path, "host.caps.probe")
    os.remove(path)
    assert.same({
      path .. ": requires cli, which is not below",
      path .. ": requires init, which is not below",
      path .. ": requires nowhere, which is in no room",
    }, problems)
    assert.same({ path .. ": in no room" }, misplaced(path, "nowhere.at.all"))
  end)

  it("has a hot plug that does not know the vm, but what it is given of it", function()
    local knowing = {}
    for _, path in ipairs(files("lua/lunik/hotplug", "%.lua$")) do
      local source = text(path):gsub("%-%-[^\n]*", "")
      if source:find "%.vm%f[%W]" or source:find "%f[%w_]vm%f[^%w_]" then
        knowing[#knowing + 1] = path
      end
    end
    assert.same({}, knowing)
  end)

  it("has an engine that does not know Lua", function()
    local knowing = {}
    for _, path in ipairs(files("src", "%.[ch]$", true)) do
      local source = text(path)
      if source:find "lua%.h" or source:find "lauxlib" or source:find "lua_State" then
        knowing[#knowing + 1] = path
      end
    end
    assert.same({}, knowing)
  end)

  it("has doors that do not know QEMU", function()
    local names = { virtiofsd = true }
    for _, name in ipairs(require "lunik.qemu".names()) do names[name] = #name > 4 end
    names.object = nil -- JSON's
    local knowing = {}
    for _, path in ipairs(files("src/bind", "%.c$")) do
      for literal in text(path):gmatch '"([^"\n]*)"' do
        if names[literal] or literal:find "^[-/]%l" or literal:find "virtio" then
          knowing[#knowing + 1] = ("%s: %q"):format(path, literal)
        end
      end
    end
    assert.same({}, knowing)
  end)

  it("has C that can be seen the end of", function()
    assert.same({}, too_long(files("src", "%.c$"), c_functions, ceiling.c))
  end)

  it("has Lua that can be seen the end of", function()
    assert.same({}, too_long(files("lua/lunik", "%.lua$"), lua_functions, ceiling.lua))
  end)

  it("has C that fits the screen", function()
    local wide = {}
    for _, path in ipairs(files("src", "%.[ch]$")) do
      for number, line in ipairs(lines(path)) do
        if width(line) > ceiling.columns then wide[#wide + 1] = ("%s:%d"):format(path, number) end
      end
    end
    assert.same({}, wide)
  end)

  it("measures functions by where they end", function()
    assert.same({ { "f(void)", 2, 4 } }, c_functions { "int", "f(void)", "{", "\treturn g(", "}" })
    local list = { "local function f()", "  x(function()", "    y()", "  end)", "end",
      "local g = function() end" }
    assert.same({ { list[1], 1, 5 }, { list[2], 2, 3 } }, lua_functions(list))
  end)
end)
