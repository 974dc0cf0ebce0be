-- SPDX-License-Identifier: MIT
-- A command line in which nothing is unread: raw words and files of options as the options that
-- they are, for those who have to know all of it (lunik.launch.trial).
local entries = require "lunik.verify.entries"
local place = require "lunik.plan.place"
local printable = require "lunik.text.printable"

local whole = {}

local LEFT = "it cannot be tried, since %s"

-- Adds the options of a command line to a list, of which place_of(entry) is the place: true | nil,
-- why they are not known
local function add(list, argv, read, place_of)
  local line = entries(argv, read)
  if line.open then
    local file = line.by.readconfig[1]
    local fault = file.faults and file.faults[1]
    return nil, LEFT:format(fault and ("%s:%d: %s"):format(file.text, fault.line, fault.why)
      or ("'%s' cannot be read"):format(file.text))
  end
  for _, entry in ipairs(line) do
    local row = entry.row
    if not row or entry.lacks or entry.why then
      return nil, LEFT:format(printable(entry.why or ("'%s' is no option that lunik knows"):format(
        entry.words[1])))
    end
    if not row.unread then
      list[#list + 1] = { row = row, args = entry.args, place = place_of(entry) }
    end
  end
  return true
end

-- The words of a command line as such a plan: run by `binary` in the folder `dir` | nil, why
function whole.of_words(argv, binary, dir, read)
  local list = {}
  local ok, why = add(list, argv, read, function(entry)
    return function(key)
      return { { file = "command line", line = entry.at } },
        entry.name .. (type(key) == "string" and "." .. key or "")
    end
  end)
  return ok and { binary = binary, dir = dir, argv = list, control = {}, files = {} } or nil, why
end

-- The words that stand together without an option between, with where they begin; and the options.
local function pieces_of(plan)
  local list, origins = {}, plan.origins[plan.argv]
  for i, entry in ipairs(plan.argv) do
    local raw = type(entry) == "string"
    local last = list[#list]
    if not raw then
      list[#list + 1] = entry
    elseif last and last.raw then
      table.insert(last.raw, entry)
    else
      list[#list + 1] = { raw = { plan.binary, entry }, place = place.of_word(origins[i]) }
    end
  end
  return list
end

-- A plan with its raw words and files of options as options | nil, why
function whole.of_plan(plan, machine, read)
  local list = {}
  for _, piece in ipairs(pieces_of(plan)) do
    local unread = piece.row and piece.row.unread
    local argv = unread and { plan.binary, "-" .. piece.row.name, piece.args[1] } or piece.raw
    if argv then
      local where = unread and place.of(piece, machine) or piece.place
      local ok, why = add(list, argv, read, function()
        return function()
          if where then return where(nil) end
          return machine.at, nil
        end
      end)
      if not ok then return nil, why end
    else
      list[#list + 1] = piece
    end
  end
  return setmetatable({ argv = list }, { __index = plan })
end

return whole
