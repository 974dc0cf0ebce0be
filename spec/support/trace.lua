-- SPDX-License-Identifier: MIT
-- Who calls whom while something runs: the calls of methods (obj:method()) between lunik's files,
-- in every coroutine. A call of a function that was handed down (fn(), context.tell()) is none:
-- whoever handed it down meant it to be called.
local trace = {}

local ROOT = "lua/lunik/"

local function file_of(source)
  local at = source:find(ROOT, 1, true)
  return at and source:sub(at + #ROOT)
end

-- Runs fn(…) and gives the calls: { ["from.lua"] = { ["to.lua"] = "name of one method" } }.
function trace.of(fn, ...)
  local calls = {}

  local function hook()
    local callee = debug.getinfo(2, "Sn")
    if callee.namewhat ~= "method" then return end
    local caller = debug.getinfo(3, "S")
    local from, to = caller and file_of(caller.source), file_of(callee.source)
    if not from or not to or from == to then return end
    calls[from] = calls[from] or {}
    calls[from][to] = callee.name
  end

  local create = coroutine.create
  -- luacheck: ignore 122
  coroutine.create = function(body)
    local made = create(body)
    debug.sethook(made, hook, "c")
    return made
  end
  debug.sethook(hook, "c")
  local results = table.pack(pcall(fn, ...))
  debug.sethook()
  coroutine.create = create
  if not results[1] then error(results[2], 0) end
  return calls
end

return trace
