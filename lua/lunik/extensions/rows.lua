-- SPDX-License-Identifier: MIT
-- What a module of an extension's has to return to be a row: whoever reads rows takes lunik's own
-- for right, and a slip of an extension's author is told by its file.
local sorted = require "lunik.text.sorted"

local rows = {}

-- What the row of each section must have, with its type.
rows.must = {
  families = { doc = "string" }, kinds = { doc = "string", fields = "table", emit = "function" },
  options = { doc = "string", grammar = "string" }, events = { doc = "string" },
  verbs = { summary = "string", run = "function" }, methods = { run = "function" },
  doctor = { look = "function" }, checks = { check = "function" },
  signs = { name = "string", text = "string" },
}

-- What it may have.
local may = {
  families = { unique = "table" },
  kinds = { complete = "function", needs = "function", check = "function", plug = "function",
            no_plug = "string", no_fork = "string", no_clone = "function" },
  options = { keys = "table" }, events = { carries = "table" }, verbs = { args = "function" },
  methods = { doc = "string", takes = "table", gives = "string", returns = "string",
              codes = "table", example = "string", wire = "string" },
  doctor = { doc = "string" }, checks = { doc = "string" }, signs = {},
}

-- Lists in it, of rows that have a name; what each must be, in words.
local lists = {
  kinds = { "fields", "{ \"name\", kind = ext.kind.… }", function(field)
    return type(field[1]) == "string" and type(field.kind) == "table" and field.kind.read
  end },
  methods = { "takes", "{ \"name\", type = \"…\" }", function(taken)
    return type(taken[1]) == "string" and type(taken.type) == "string"
  end },
  events = { "carries", "{ name = \"…\", type = \"…\" }", function(carried)
    return type(carried.name) == "string" and type(carried.type) == "string"
  end },
}

local function of_types(row, types, optional)
  for _, field in ipairs(sorted(types)) do
    local is = type(row[field])
    if is ~= types[field] and not (optional and is == "nil") then
      return optional and ("its %s is no %s"):format(field, types[field])
        or ("its row has no %s, a %s"):format(field, types[field])
    end
  end
end

local function of_list(row, name, words, fits)
  for i, each in ipairs(row[name] or {}) do
    if type(each) ~= "table" or not fits(each) then
      return ("its %s, the %d.: %s expected"):format(name, i, words)
    end
  end
end

-- Why a value is no row of a section | nil
function rows.unfit(section, row)
  if type(row) ~= "table" then return "its module returns no table" end
  local why = of_types(row, rows.must[section]) or of_types(row, may[section], true)
  local list = lists[section]
  return why or list and of_list(row, table.unpack(list)) or nil
end

return rows
