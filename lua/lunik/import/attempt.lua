-- SPDX-License-Identifier: MIT
-- Prints a recipe, reads it back, renders it, and looks whether every option is what it was.
-- What is not is given up: it becomes raw words, with the reason, and all is tried again.
--   state: list = the options (lunik.import.words), items, beginning = fields that are no
--   options, head = comments, refused = fields that cannot be, host, dir; filled in here: left =
--   the items of the recipe, family = how many options are fields, lacks
local option = require "lunik.import.option"
local order = require "lunik.import.order"
local recipe = require "lunik.import.recipe"
local render = require "lunik.import.render"
local same = require "lunik.import.same"
local scalars = require "lunik.import.scalars"
local words = require "lunik.import.words"

local attempt = {}

-- How often a recipe is tried; every round gives something up.
local rounds = 10

-- Whether a rendered option is what the item was made from.
local function is_same(item, found)
  return found and found.row == item.found.row
    and same.text(found.row, item.found.text, found.text)
end

-- Notes in each of `items` what it came out as, behind `skip` fields. Returns problems about those
-- that did not come out as they were.
local function compare(back, skip, items)
  local problems = {}
  for i, item in ipairs(items) do
    local found = back[skip + i]
    item.came = found
    if not is_same(item, found) then
      problems[#problems + 1] = { item = item,
        why = ("no qemu.%s { … } comes out the same"):format(item.row and item.row.name) }
    end
  end
  return problems
end

local function is_device(item) return item.row and item.row.name == "device" end

-- Problems about devices that only JSON can say: one would turn all others into JSON, so it stays
-- raw beside them.
local function stay_apart(items)
  local turned, nested = false, {}
  for _, item in ipairs(items) do
    if is_device(item) and item.came.text:find "^{" then
      turned = turned or not item.json
      nested[#nested + 1] = item.json and { item = item, order = true,
        why = "stays JSON: the devices beside it are not" } or nil
    end
  end
  return turned and nested or {}
end

-- Whether QEMU makes the devices in the same order.
local function made_alike(state, items)
  if not state.json then return true end
  local list, back = state.list, {}
  for i, item in ipairs(items) do
    back[i] = { row = item.came.row, text = item.came.text, id = item.number }
  end
  local before, after = order.of(list), order.of(back)
  for i = 1, math.max(#before, #after) do
    if before[i] ~= after[i] then return false end
  end
  return true
end

-- Problems about devices that were JSON, and have to stay it, where they were.
local function keep_json(state)
  local problems, items = {}, state.left
  table.sort(state.items, function(a, b) return a.number < b.number end)
  for _, item in ipairs(items) do
    if item.json and is_device(item) then
      problems[#problems + 1] = { item = item, order = true,
        why = "stays JSON: devices would be made in another order" }
    end
  end
  return problems
end

-- Notes on top a field that is left out: it was no option, so it cannot become raw words.
local function say_without(state, field, why)
  for _, each in ipairs(state.beginning) do
    if each[1] == field then
      state.head = { ("left out: %s: %s"):format(field, why), table.unpack(state.head) }
    end
  end
end

local function give_up_on(problems, state)
  local items, refused, any = state.left, state.refused, false
  for _, problem in ipairs(problems) do
    local field = problem.path and problem.path:match "^machine%.([%w_]+)"
    local line = not field and problem.at and problem.at[1] and problem.at[1].line
    local item = problem.item or items[line or 0]
    if item and not item.raw then
      local key = problem.path and problem.path:match "^qemu%.[^.]*%.(.*)$"
      option.give_up(item, (key and key .. ": " or "") .. problem.why, not problem.order)
      any = true
    elseif field and not refused[field] then
      refused[field], any = true, true
      say_without(state, field, problem.why)
    end
  end
  return any
end

-- Items that the recipe holds, and not only a comment.
local function written(items)
  local out = {}
  for _, item in ipairs(items) do
    if not item.left_out and not item.console then out[#out + 1] = item end
  end
  return out
end

-- Arranges the recipe: { head, fields, items }, and those of the fields that were options.
local function arranged(state)
  local items = table.move(state.items, 1, #state.items, 1, {})
  local taken = scalars.take(items, state.host, state.refused)
  local fields = {}
  for _, field in ipairs(state.beginning) do
    if not rawget(state.refused, field[1]) then fields[#fields + 1] = field end
  end
  table.move(taken, 1, #taken, #fields + 1, fields)
  state.left, state.family = written(items), #taken
  return { head = state.head, fields = fields, items = items }, taken
end

-- Tries the whole recipe: what is printed, and its command line | nil, problems
local function whole(state)
  local about, taken = arranged(state)
  local argv, problems = render.argv(recipe.text(about), state.host, state.dir)
  if not argv then return nil, problems end
  state.lacks = problems
  problems = compare(words.split(argv), #taken, state.left)
  if #problems == 0 then problems = stay_apart(state.left) end
  if #problems == 0 and not made_alike(state, state.left) then
    problems = keep_json(state)
  end
  if #problems > 0 then return nil, problems end
  return about, argv
end

-- Items that no line of the batch had before.
local function unknown(items)
  local out = {}
  for _, item in ipairs(items) do
    item.came = item.raw and item.found or item.made.came
    if not item.came then out[#out + 1] = item end
  end
  return out
end

-- Tries a command line of a batch, of which only options that are new are rendered. nil and
-- problems, or nil alone when the whole recipe has to be tried.
local function quick(state)
  local about, taken = arranged(state)
  local fresh = unknown(about.items)
  state.left = fresh
  local fields, options = recipe.lines(taken, fresh)
  local argv, problems = render.lines(fields, options, { host = state.host, dir = state.dir })
  if not argv then return nil, problems end
  local back = words.split(argv)
  problems = compare(back, #taken, fresh)
  if #problems > 0 then return nil, problems end
  if not made_alike(state, about.items) then return nil end
  for _, item in ipairs(fresh) do
    -- devices turn into JSON together
    if is_device(item) and item.came.text:find "^{" then return nil end
    item.made.came = item.came
  end
  local out = { state.program }
  for i = 1, #taken do table.move(back[i].words, 1, 2, #out + 1, out) end
  for _, item in ipairs(about.items) do
    table.move(item.came.words, 1, #item.came.words, #out + 1, out)
  end
  return about, out
end

-- Tries until nothing has to be given up any more.
local function settled(try, state)
  local about, out
  for _ = 1, rounds do
    about, out = try(state)
    if about or not out or not give_up_on(out, state) then break end
  end
  return about, out
end

-- Makes all options raw, where no recipe could be made of them.
local function as_words(state, why)
  for _, item in ipairs(state.items) do
    if not item.raw and not item.console then option.give_up(item, why) end
  end
  setmetatable(state.refused, { __index = function() return true end })
  return whole(state)
end

-- What is printed (see recipe.text) and its command line.
function attempt.run(state)
  local about, out
  if state.program then about, out = settled(quick, state) end
  if not about then about, out = settled(whole, state) end
  if about then return about, out end
  return as_words(state, out and out[1] and out[1].why or "no recipe says it")
end

return attempt
