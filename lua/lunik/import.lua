-- SPDX-License-Identifier: MIT
-- A QEMU command line → recipe text whose machine has the same command line. What is
-- printed is read back and rendered before it is handed out: an item that does not pass the
-- checks, or does not come out as it was, becomes raw, with the reason beside it.
local option = require "lunik.import.option"
local order = require "lunik.import.order"
local recipe = require "lunik.import.recipe"
local render = require "lunik.import.render"
local same = require "lunik.import.same"
local scalars = require "lunik.import.scalars"
local words = require "lunik.import.words"

local import = {}

-- Every round gives something up, and the last leaves nothing but raw words.
local rounds = 10

local function as_it_is(text) return text end

local function has_sandbox(list)
  for _, found in ipairs(list) do
    if found.row and found.row[1] == "sandbox" then return true end
  end
  return false
end

-- The machine's fields that are no options, and what is said on top.
local function beginning(list, host, head, shown)
  local fields, program = { { "defaults", false } }, list.program
  local arch = program and program:match "qemu%-system%-([%w_]+)[^/]*$"
  if arch then fields[2] = { "arch", arch } end
  if program and (program:find "/" or not arch) then
    if program:find "/" and host.kind(program) == "file" then
      fields[#fields + 1] = { "qemu", program }
    else
      head[#head + 1] = ("the program was %s, which is not here"):format(shown(program))
    end
  end
  if #list.before > 0 then
    head[#head + 1] = ("left out: %s"):format(shown(table.concat(list.before, " ")))
  end
  if has_sandbox(list) then
    fields[#fields + 1] = { "sandbox", false, notes = { "it has a sandbox of its own" } }
  end
  return fields
end

local function items_of(list, shown)
  local arch = list.program and list.program:match "qemu%-system%-([%w_]+)"
  local items, x86 = {}, not arch or arch == "x86_64" or arch == "i386"
  for i, found in ipairs(list) do
    items[i] = option.item(found, shown, x86)
    items[i].number = i
  end
  return order.arrange(items)
end

-- Whether a rendered option is what the item was made from.
local function is_same(item, found)
  return found and found.row == item.found.row
    and same.text(found.row, item.found.text, found.text)
end

-- What each of `items` came out as, behind `skip` fields; those that did not come out as
-- they were, as problems.
local function compare(back, skip, items)
  local problems = {}
  for i, item in ipairs(items) do
    local found = back[skip + i]
    item.came = found
    if not is_same(item, found) then
      problems[#problems + 1] = { item = item,
        why = ("no qemu.%s { … } comes out the same"):format(item.row and item.row[1]) }
    end
  end
  return problems
end

local function is_device(item) return item.row and item.row[1] == "device" end

-- One device that only JSON can say would make JSON of all: it stays raw beside others.
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

local function made_alike(list, items)
  local back = {}
  for i, item in ipairs(items) do
    back[i] = { row = item.came.row, text = item.came.text, id = item.number }
  end
  local before, after = order.of(list), order.of(back)
  for i = 1, math.max(#before, #after) do
    if before[i] ~= after[i] then return false end
  end
  return true
end

-- Devices that were JSON go back to it, and to where they were.
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

local function give_up_on(problems, items, refused)
  local any = false
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
    end
  end
  return any
end

-- Items that the recipe holds, and not only a comment.
local function written(items)
  local out = {}
  for _, item in ipairs(items) do
    if not item.left_out then out[#out + 1] = item end
  end
  return out
end

-- One try: the machine's fields, and what is left of the items.
local function arranged(state)
  local items = table.move(state.items, 1, #state.items, 1, {})
  local taken = scalars.take(items, state.host, state.refused)
  local fields = table.move(state.beginning, 1, #state.beginning, 1, {})
  table.move(taken, 1, #taken, #fields + 1, fields)
  state.left, state.family = written(items), #taken
  return { head = state.head, fields = fields, items = items }, taken
end

-- What is printed, and its command line; or nil and problems.
local function try(state)
  local about, taken = arranged(state)
  local argv, problems = render.argv(recipe.text(about), state.host, state.dir)
  if not argv then return nil, problems end
  state.lacks = problems
  problems = compare(words.split(argv), #taken, state.left)
  if #problems == 0 then problems = stay_apart(state.left) end
  if #problems == 0 and not made_alike(state.list, state.left) then
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

-- The same for a line of a batch, whose options have often been there before; nil and
-- problems, or nil alone when it needs the other way.
local function try_quickly(state)
  local about, taken = arranged(state)
  local fresh = unknown(about.items)
  state.left = fresh
  local fields, options = recipe.lines(taken, fresh)
  local argv, problems = render.lines(fields, options, { host = state.host, dir = state.dir })
  if not argv then return nil, problems end
  local back = words.split(argv)
  problems = compare(back, #taken, fresh)
  if #problems > 0 then return nil, problems end
  if not made_alike(state.list, about.items) then return nil end
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

-- What the machine lacks that its recipe does not: ids that nobody defines, options that
-- stand twice. QEMU would say so too.
local function add_lacks(state)
  for _, lack in ipairs(state.lacks or {}) do
    local item = lack.about == "line" and lack.at and state.left[lack.at[1].line]
    if item and not item.raw then
      local why = lack.why:gsub("; it stands at import:%d+$", "")
      item.notes = { why, table.unpack(item.notes) }
    end
  end
end

local function summary(state, about, argv)
  add_lacks(state)
  local counts, notes = { family = state.family, qemu = 0, raw = 0 }, {}
  for _, line in ipairs(state.head) do notes[#notes + 1] = line end
  for _, item in ipairs(about.items) do
    local kind = item.left_out and "out" or item.raw and "raw" or "qemu"
    counts[kind] = (counts[kind] or 0) + 1
    for _, note in ipairs(item.notes or {}) do
      notes[#notes + 1] = ("%s: %s"):format(item.words[1], note)
    end
    if item.raw then
      notes[#notes + 1] = ("%s: %s"):format(item.left_out or item.words[1], item.raw)
    end
  end
  counts.out = nil
  return { recipe = recipe.text(about), argv = argv, counts = counts, notes = notes }
end

-- What `lunik argv` begins with: the program that the fields lead to.
local function program_of(fields, host, dir)
  local argv = render.argv(recipe.text { head = {}, fields = fields, items = {} }, host, dir)
  return argv and argv[1]
end

-- A line's fields that are no options, with their comments: in a batch found once for each
-- program and whether there is a sandbox.
local function begin(state, options)
  local list, known = state.list, options.programs
  if not known then
    state.beginning = beginning(list, state.host, state.head, options.shown or as_it_is)
    return
  end
  local id = table.concat(list.before, "\0") .. "\0" .. (list.program or "") .. "\0"
    .. tostring(has_sandbox(list))
  if not known[id] then
    local head = {}
    local fields = beginning(list, state.host, head, as_it_is)
    known[id] = { fields, head, program_of(fields, state.host, state.dir) }
  end
  state.beginning, state.head, state.program = table.unpack(known[id])
end

-- Tries until nothing has to be given up any more.
local function settled(attempt, state)
  local about, out
  for _ = 1, rounds do
    about, out = attempt(state)
    if about or not out or not give_up_on(out, state.left, state.refused) then break end
  end
  return about, out
end

-- argv, program first or not at all -> { recipe = text, argv = what it renders to, counts =
-- options that became fields, qemu.* and raw, notes }, or nil and why.
-- options: host, dir = folder of the recipe, head = comments on top, programs = a table for
-- a batch to remember in, shown = how a word is printed that holds NUL bytes (lunik.import.shell)
function import.argv(argv, options)
  for _, word in ipairs(argv) do
    if type(word) ~= "string" then return nil, "argv: texts expected" end
    if not options.shown and word:find("\0", 1, true) then return nil, "argv: a NUL byte" end
  end
  local list = words.split(argv)
  local state = { list = list, host = options.host, dir = options.dir, refused = {},
    head = table.move(options.head or {}, 1, #(options.head or {}), 1, {}) }
  begin(state, options)
  state.items = items_of(list, options.shown)
  local about, out
  if options.programs then about, out = settled(try_quickly, state) end
  if not about then about, out = settled(try, state) end
  if about then return summary(state, about, out) end
  return nil, out and out[1] and out[1].why or "no recipe says it"
end

-- Drops what is remembered of options that were read before.
import.forget = option.forget

return import
