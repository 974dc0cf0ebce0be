-- SPDX-License-Identifier: MIT
-- docs/program.md and what `lunik help` says of the words that verbs answer with: the verbs, as
-- lunik.cli.usage describes them, exit codes, codes of refusals.
local codes = require "lunik.codes"
local exit = require "lunik.exit"
local markdown = require "lunik.reference.markdown"
local outcome = require "lunik.vm.outcome"
local sorted = require "lunik.text.sorted"

local program = {}

local HEAD = [[
# The program

Printed by `make docs` from the rows that lunik runs; `lunik VERB --help` shows the same, and so
does the manual page lunik-VERB(1). A verb that is about one machine takes its name, the path of its
recipe, or nothing where only one runs. What `--json` prints is in [json.md](json.md); what a verb's
refusal means in [troubleshooting.md](troubleshooting.md).
]]

-- "lunik exec [MACHINE] [COMMAND …] [-- PROGRAM …]"
local function usage_of(verb)
  local words = { "lunik", verb.name }
  if #verb.options > 0 then words[3] = "[OPTION …]" end
  for _, argument in ipairs(verb.arguments) do words[#words + 1] = argument.place end
  if verb.program then words[#words + 1] = "[-- PROGRAM …]" end
  return table.concat(words, " ")
end

local function names_of(option)
  local names = {}
  for i, name in ipairs(option.names) do names[i] = "`" .. name .. "`" end
  return table.concat(names, ", ") .. (option.value and " " .. option.value or "")
end

local function section(verb, out)
  out[#out + 1] = ("### %s\n\n`%s`\n\n%s%s\n"):format(verb.name, usage_of(verb),
    markdown.sentence(verb.summary), verb.note and " " .. verb.note or "")
  local cells = {}
  for _, argument in ipairs(verb.arguments) do
    cells[#cells + 1] = { "`" .. argument.name:upper() .. "`", argument.doc }
  end
  for _, option in ipairs(verb.options) do
    local notes = { option.doc }
    if option.choices then notes[2] = "one of " .. table.concat(option.choices, ", ") end
    cells[#cells + 1] = { names_of(option), table.concat(notes, "; ") }
  end
  if #cells > 0 then markdown.table({ "argument", "what" }, cells, out) end
  if #verb.examples > 0 then
    out[#out + 1] = ("```sh\n%s\n```\n"):format(table.concat(verb.examples, "\n"))
  end
end

local function exit_codes(out)
  out[#out + 1] = "## Exit codes\n\nScripts rely on them; none ever changes its meaning.\n"
  local cells = {}
  for i, row in ipairs(exit.rows) do
    cells[i] = { tostring(row[2]), row[3], "`" .. row.example .. "`" }
  end
  markdown.table({ "code", "what", "of what, for example" }, cells, out)
  out[#out + 1] = "How a machine ended has a word as well, in `lunik status --json` and for hooks "
    .. "of `exit`:\n"
  cells = {}
  for i, name in ipairs(sorted(outcome.kinds)) do
    local kind = outcome.kinds[name]
    cells[i] = { "`" .. name .. "`", tostring(kind.code), kind.doc }
  end
  markdown.table({ "kind", "exit code", "what" }, cells, out)
end

-- docs/program.md, of described verbs.
function program.markdown(verbs)
  local out = { HEAD, "## Verbs\n" }
  local cells = {}
  for i, verb in ipairs(verbs) do
    cells[i] = { ("[`%s`](#%s)"):format(verb.name, verb.name), verb.summary }
  end
  markdown.table({ "verb", "what" }, cells, out)
  for _, verb in ipairs(verbs) do section(verb, out) end
  exit_codes(out)
  return table.concat(out, "\n")
end

-- What a word that a verb answers with means: an exit code, a code of a refusal | nil
function program.text(topic)
  for _, row in ipairs(exit.rows) do
    if tostring(row[2]) == topic then
      return ("exit code %s: %s\n  for example, of: %s\n"):format(topic, row[3], row.example)
    end
  end
  for _, row in ipairs(codes.rows) do
    if row.name == topic then
      return ("%s, as a refusal's code: %s\n  for example, of: %s\n"):format(topic, row.doc,
        row.example)
    end
  end
end

-- All exit codes, as `lunik help exit-codes` shows them.
function program.exit_codes()
  local out = { "exit codes of lunik:\n" }
  for _, row in ipairs(exit.rows) do out[#out + 1] = ("  %3d  %s\n"):format(row[2], row[3]) end
  return table.concat(out)
end

return program
