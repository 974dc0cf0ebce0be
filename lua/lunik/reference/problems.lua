-- SPDX-License-Identifier: MIT
-- The kinds of mistake that `lunik check` finds, as text: for `lunik help CODE` and the docs.
local codes = require "lunik.verify.codes"
local kind = require "lunik.schema.kind"
local markdown = require "lunik.reference.markdown"
local mistakes = require "lunik.reference.mistakes"

local problems = {}

local LONGEST = 160        -- bytes of what is shown of a line

local INTRO = [[
# What can be wrong with a command line

`lunik check -- qemu-system-x86_64 …`, `lunik check script.sh` and `lunik check --batch` hold a
command line against the QEMU that would run it, and tell each mistake with one of these codes,
whatever its text. An *error* keeps the machine from starting, or makes it another than was written.
A *warning* does neither; with `--strict` it counts as well. What the binary lists itself is never
wrong.

This file is printed from the code (`make docs`).
]]

-- The code of that name | nil
function problems.find(name) return codes[name] end

-- What has the mistake, and what is said of it, with the first QEMU in the place of any.
local function example(code)
  local case = mistakes[code.name]
  local written = case.recipe and ("machine { %s }"):format(case.recipe)
    or table.concat({ case.line or case.qmp, case.line and case.qmp }, " ")
  return kind.shortened(written, LONGEST), (case.said:gsub("%f[%w]V%f[%W]", "7.2"))
end

function problems.text(code)
  local written, said = example(code)
  return ("%s (%s): %s\n%s\n  for example: %s\n    %s\n"):format(code.name, code.severity, code.doc,
    code.mend, written, said)
end

function problems.names()
  local names = {}
  for i, code in ipairs(codes) do names[i] = code.name end
  return names
end

-- docs/problems.md: a line each to find one by, then a paragraph each.
function problems.markdown()
  local out, cells = { INTRO }, {}
  for i, code in ipairs(codes) do
    cells[i] = { ("[`%s`](#%s)"):format(code.name, code.name), code.severity, code.doc }
  end
  markdown.table({ "code", "severity", "what" }, cells, out)
  for _, code in ipairs(codes) do
    local written, said = example(code)
    out[#out + 1] = ("## %s\n\n%s %s\n\n```text\n%s\n  %s\n```\n"):format(code.name, code.doc,
      code.mend, written, said)
  end
  return table.concat(out, "\n")
end

return problems
