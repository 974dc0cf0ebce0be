-- SPDX-License-Identifier: MIT
-- Checks a table of fields against rows: every problem at once, each with the
-- line of the field that it is about.
local budget = require "lunik.schema.budget"
local core = require "lunik.core"
local kind = require "lunik.schema.kind"
local plain = require "lunik.schema.plain"
local printable = require "lunik.text.printable"
local suggest = require "lunik.text.suggest"

local check = {}

-- Lua instructions that an error of a recipe may take to become text.
local instructions = 1000000

-- Bytes of what is shown of a problem: of its field, and of why.
local longest = { path = 200, why = 4000 }

-- How much of all problems is shown.
local most = { problems = 100, bytes = 1 << 16 }

local function shown(text, bytes, kept) return printable(kind.shortened(text, bytes), kept) end

-- Adds a problem. `at` is a position list ({file, line} and its callers), `path` the
-- field ("mount.tag"). `about` = "host" marks what another host would not have. Returns it, so that
-- whoever knows which kind of mistake it is can give it a `code`.
function check.add(problems, at, path, why, about)
  budget.at(at)
  local problem = { at = at, path = path and shown(path, longest.path),
    why = shown(why, longest.why), about = about }
  problems[#problems + 1] = problem
  return problem
end

local function place(at)
  local words = {}
  for i, position in ipairs(at or {}) do
    local line = position.line and ":" .. position.line or ""
    words[i] = (i > 1 and "called from " or "") .. printable(position.file) .. line
  end
  return table.concat(words, ", ")
end
check.place = place

local own_files = { "lunik/recipe/%l+%.lua:%d+: ", "lunik/recipe/safe/%l+%.lua:%d+: ",
  "lunik/schema/budget%.lua:%d+: " }

-- Whether a line of a traceback, or the beginning of a message, is about lunik's own files.
local function is_own(text)
  for _, file in ipairs(own_files) do
    if text:find("^[^\n ]*" .. file) then return true end
  end
end

-- The frames of a traceback that are the recipe's, and the place of the first.
local function recipe_frames(trace)
  local frames, first = {}, nil
  for line in trace:gmatch "\n\t([^\n]*)" do
    if not is_own(line) then
      frames[#frames + 1] = line
      first = first or line:match "^([^%[].-:%d+): in "
    end
  end
  return frames, first
end

local overflows = { ["stack overflow"] = true, ["too many arguments"] = true }

-- Makes an error a message for the recipe's author: a spent budget or a full stack gets the
-- recipe's frames, and what was raised in lunik's own files the place that called them.
local function explained(trace, message)
  local frames, first = recipe_frames(trace)
  local spent = message:find "^instruction budget of %d+ spent$" or overflows[message]
  if budget.is_late(message) then spent, message = true, budget.why end
  if first and (spent or is_own(message)) then
    message = first .. ": " .. (spent and message or message:match ":%d+: (.*)$")
  end
  if not spent or #frames == 0 then return message end
  return ("%s\nstack traceback:\n\t%s"):format(message, table.concat(frames, "\n\t"))
end

-- What a recipe's function raised, as text. core.slice.call gives both arguments.
function check.reason(raised, message)
  if message == "not enough memory" then return "more memory is taken than a recipe may" end
  if type(message) == "string" then
    return shown(explained(raised, message), longest.why, "\n\t")
  end
  local ok, text = core.slice.call(instructions, tostring, message)
  text = ok and text:gsub("^([%w.]+): 0x%x+$", "a %1") or "an error that cannot be shown"
  return shown(text, longest.why, "\n\t")
end

-- Adds what a hook raised.
function check.raised(problems, at, path, raised, message)
  problems[#problems + 1] = { at = at, path = path, why = check.reason(raised, message) }
end

-- Sorts problems by file and line, those of one line as they were found.
function check.sort(problems)
  local rank = {}
  for i, problem in ipairs(problems) do rank[problem] = i end
  local function key(problem)
    local at = problem.at and problem.at[1] or {}
    return at.file or "", at.line or 0, rank[problem]
  end
  table.sort(problems, function(a, b)
    local file_a, line_a, rank_a = key(a)
    local file_b, line_b, rank_b = key(b)
    if file_a ~= file_b then return file_a < file_b end
    if line_a ~= line_b then return line_a < line_b end
    return rank_a < rank_b
  end)
end

-- One problem as text: `vm.lua:7: mount.tag: required`.
function check.text(problem)
  local where = place(problem.at)
  return (where ~= "" and where .. ": " or "") .. (problem.path and problem.path .. ": " or "")
    .. problem.why
end

-- Problems as lines of text; of very many the first, and how many more there are.
function check.text_of(problems)
  local lines, bytes = {}, 0
  for i, problem in ipairs(problems) do
    if i > most.problems or bytes > most.bytes then
      local more = #problems - #lines
      lines[i] = ("… and %d more problem%s"):format(more, more == 1 and "" or "s")
      break
    end
    lines[i] = check.text(problem)
    bytes = bytes + #lines[i]
  end
  return table.concat(lines, "\n")
end

-- The field names of rows, for suggestions.
function check.names(rows)
  local names = {}
  for i, row in ipairs(rows) do names[i] = row.name end
  return names
end

-- The position of field `name` of a thing written at `at`, where known.
local function line(given, name)
  local field_at = given.lines and given.lines[name]
  return field_at and { field_at, table.unpack(given.at or {}, 2) } or given.at
end
check.line = line

local function unknown(rows, given, where, problems)
  local known, names = {}, check.names(rows)
  for _, name in ipairs(names) do known[name] = true end
  local wrong = {}
  for name in pairs(given.fields) do
    if not known[name] then wrong[#wrong + 1] = name end
  end
  table.sort(wrong, function(a, b) return tostring(a) < tostring(b) end)
  for _, name in ipairs(wrong) do
    if type(name) == "string" then
      check.add(problems, line(given, name), where .. "." .. name,
        "no such field" .. (rows.elsewhere and rows.elsewhere(name) or suggest.hint(name, names))
      ).code = "unknown-field"
    else
      check.add(problems, given.at, where, ("no place for %s at position %s"):format(
        kind.show(given.fields[name]), tostring(name)))
    end
  end
end

-- given = { fields = {name = value}, at = position, lines = {name = position} }. `rows.elsewhere`,
-- where there is one, says of a name that is none of theirs whose it is, or gives nil.
-- Returns the canonical table: defaults filled in, unknown fields reported.
function check.fields(rows, given, where, context, problems)
  budget.at(given.at)
  local out = {}
  for _, row in ipairs(rows) do
    local name, value = row.name, given.fields[row.name]
    if value == nil then
      -- a table of its own: devices complete what they were given
      out[name] = plain.copy(row.default, { n = 0 })
      if row.required then
        check.add(problems, given.at, where .. "." .. name, "required: " .. row.kind.expects)
          .code = "missing-field"
      end
    else
      local canonical, why = row.kind.read(value, context)
      if canonical == nil then
        check.add(problems, line(given, name), where .. "." .. name, why).code = "bad-value"
      end
      out[name] = canonical
    end
  end
  unknown(rows, given, where, problems)
  return out
end

return check
