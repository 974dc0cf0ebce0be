-- SPDX-License-Identifier: MIT
-- The fields of an imported machine that are no options: which QEMU it is, and what goes with
-- that. What stood in front of QEMU's name is left out, with a comment.
local recipe = require "lunik.import.recipe"
local render = require "lunik.import.render"

local program = {}

local function as_it_is(text) return text end

local function has_sandbox(list)
  for _, found in ipairs(list) do
    if found.row and found.row.name == "sandbox" then return true end
  end
  return false
end

program.arch = require "lunik.import.words".arch

-- The fields; what is said on top goes to `head`.
local function beginning(list, host, head, shown)
  local fields, name = { { "defaults", false } }, list.program
  local arch = name and program.arch(name)
  if arch then fields[2] = { "arch", arch } end
  if name and (name:find "/" or not arch) then
    if name:find "/" and host.kind(name) == "file" then
      fields[#fields + 1] = { "qemu", name }
    else
      head[#head + 1] = ("the program was %s, which is not here"):format(shown(name))
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

-- What `lunik argv` begins with: the program that the fields lead to.
local function found(fields, host, dir)
  local argv = render.argv(recipe.text { head = {}, fields = fields, items = {} }, host, dir)
  return argv and argv[1]
end

-- Fills in state.beginning and state.head; in a batch once for each program, with or without
-- a sandbox, and state.program, the first word of the command line.
function program.begin(state, options)
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
    known[id] = { fields, head, found(fields, state.host, state.dir) }
  end
  state.beginning, state.head, state.program = table.unpack(known[id])
end

return program
