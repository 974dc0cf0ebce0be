-- SPDX-License-Identifier: MIT
-- `lunik argv examples/workspace/vm.lua` as a whole process, over the floor: the same
-- interpreter started on nothing.
local measure = require "measure"

local lua = measure.program(os.getenv "LUA" or "lua5.4")
local recipe = "examples/workspace/vm.lua"
local floor, figure = measure.pairs(60,
  function() measure.run { lua, "-e", "" } end,
  function() measure.run { "build/lunik", "argv", recipe } end)

measure.print("argv: lunik argv " .. recipe, "ms", floor, figure)
