-- Work without memory: a function is run again and again, each time with other allocations that
-- fail, in a process that has nomem.c preloaded.
local nomem = {}

local FOREVER = 1 << 40
local ENOMEM = 12

-- `shim`: the path of nomem.c's library.
function nomem.load(shim)
  nomem.try = assert(package.loadlib(shim, "nomem_try"))
  nomem.blocks = assert(package.loadlib(shim, "nomem_blocks"))
end

local function show(value)
  if type(value) ~= "table" then return tostring(value) end
  return require "lunik.core".json.encode(value) or tostring(value)
end

-- Held against what a run without a failure gave: its value, or an error that says why.
local function judge(at, right, ok, value, why, code)
  if not ok then
    -- Lua's own words, the latter where luaL_checkstack finds no room
    assert(value == "not enough memory" or tostring(value):find "stack overflow",
      at .. "raised " .. show(value))
  elseif value == nil then
    assert(type(why) == "string" and code == ENOMEM,
      ("%snil, %s, %s"):format(at, show(why), show(code)))
  else
    assert(show(value) == right, ("%s%s, not %s"):format(at, show(value), right))
  end
end

-- The step grows, so that long work is tried at as many places as short.
local function sweep(name, width, make, right)
  local n, count = 1
  repeat
    local work, done = make()
    local got = table.pack(nomem.try(n, width, work))
    if done then done() end
    count = got[1]
    judge(("%s, %d of %d failing: "):format(name, n, count), right, table.unpack(got, 2))
    n = n + 1 + n // 50
  until n > count
end

local function settled()
  collectgarbage()
  collectgarbage()
  return nomem.blocks()
end

-- make() -> work, done: work() gives its value or nil, why, code. The allocations fail from
-- every place on; three in a row at every place, which Lua does not get over by collecting; and
-- one, after which there is memory to say so. Nothing may be left of that.
function nomem.sweep(name, make)
  local work, done = make()
  local right = show((assert(work())))
  if done then done() end
  for _, width in ipairs { 1, 3, FOREVER } do sweep(name, width, make, right) end
  local before = settled()
  for _, width in ipairs { 1, 3, FOREVER } do sweep(name, width, make, right) end
  local left = settled() - before
  assert(left < 10, ("%s: %d blocks left behind"):format(name, left))
  print(name)
end

return nomem
