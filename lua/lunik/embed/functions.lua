-- SPDX-License-Identifier: MIT
-- Functions of the embedding program's (`slot`, which is C's) as functions of recipes, hooks and
-- policies: methods of a session (lunik.embed).
local due = require "lunik.embed.due"

local functions = {}

local function problem(why, code) return nil, { { why = why, code = code } } end

-- The reason of a program's function that has failed.
local function reason(name, text) return text or ("%s: no reason given"):format(name) end

-- A function of the program's for recipes: require "lunik.ext.MODULE".NAME(…)
function functions.define(self, module, name, slot)
  local own = self.modules[module]
  if not own then
    if not module:find "^[%w_]+$" then
      return problem(("module %s: letters, digits and _ expected"):format(module), "invalid")
    end
    local file = package.searchpath("lunik.ext." .. module, package.path)
    if file then return problem(("module %s: %s is there"):format(module, file), "taken") end
    own = {}
    self.modules[module], require "lunik.extensions".of_program[module] = own, own
  end
  own[name] = function(...)
    local ok, text = self.now(slot, name, due.json_of { ... })
    if not ok then error(text or ("%s.%s: no reason given"):format(module, name), 2) end
    return due.value_of(text)
  end
  return true
end

-- A hook of the program's, for each machine that is started from now on.
function functions.hook(self, point, slot)
  local points = require "lunik.hook.points"
  local row = points.find(point)
  local why = require "lunik.launch.brief".wrong_point(point)
  if not why and row.phase == "reading" then
    why = ("hook %s: a recipe's own only, while it is read"):format(point)
  end
  if why then return problem(why, "invalid") end
  table.insert(self.hooks, { point = point, slot = slot })
  return true
end

-- A policy of the program's, asked after the recipe's own.
function functions.policy(self, family, slot)
  local why = require "lunik.launch.brief".wrong_policy(family)
  if why then return problem(why, "invalid") end
  self.policies[family] = slot
  return true
end

-- The hooks and policies of the program's for one machine, as Lua's: on, policies
function functions.of_machine(self, vm)
  local by_point, on, policies = {}, {}, {}
  for _, each in ipairs(self.hooks) do
    by_point[each.point] = by_point[each.point] or {}
    table.insert(by_point[each.point], each.slot)
  end
  for point, slots in pairs(by_point) do
    on[point] = function(handle, value)
      vm.handle = vm.handle or handle
      for _, slot in ipairs(slots) do
        local ok, text = self.due:ask(slot, vm.id, value and value.event or point, value or {})
        if not ok then error(reason(point, text), 0) end
      end
    end
  end
  for family, slot in pairs(self.policies) do
    policies[family] = function(handle, request)
      vm.handle = vm.handle or handle
      local ok, text = self.due:ask(slot, vm.id, family, request)
      if not ok then return nil, reason("policy " .. family, text) end
      local answer = due.value_of(text)
      return answer == nil or answer
    end
  end
  return on, policies
end

-- From now on the program's function hears of an event of machine `id`. Of one that the program
-- runs it is a hook like others; of one elsewhere nobody waits for it.
function functions.hear(self, id, name, slot)
  local vm = self.vms[id]
  local function heard(_, value)
    local what = value and value.event or name
    if vm.own then
      local ok, text = self.due:ask(slot, id, what, value or {})
      if not ok then error(reason(name, text), 0) end
    else
      self.due:post { slot = slot, vm = id, name = what, json = due.json_of(value or {}) }
    end
  end
  local ok, done, why, word = pcall(vm.handle.on, vm.handle, name, heard)
  if not ok then return problem((done:gsub("^.-: (vm:on: )", "%1")), "invalid") end
  if not done then return problem(why, word) end
  return true
end

return functions
