-- Runs a script of this folder in a house of its own, which is its first argument. mounts: shell to
-- run before it in a mount namespace of its own, with %s for the house's directory. It says what it
-- has tried: a list of { step, column, outcome }.
local assert = require "luassert"
local house = require "support.house"
local run = require "support.run"

return function(script, words, mounts)
  local home <close> = setmetatable(house.new(), { __index = house, __close = house.close })
  local list = {}
  for i, each in ipairs(words) do list[i] = (", %q"):format(each) end
  local text, how, status = run.lua(("arg = { %q%s } dofile 'spec/support/faults/%s.lua'")
    :format(home.dir, table.concat(list), script), { mounts = mounts and mounts:format(home.dir) })
  assert.same({ "exited", 0 }, { how, status }, text)
  local cells = {}
  for step, column, outcome in text:gmatch "([^\t\n]+)\t([^\t\n]+)\t([^\t\n]+)" do
    cells[#cells + 1] = { step, column, outcome }
  end
  return cells
end
