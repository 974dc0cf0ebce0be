-- examples/README.md: what each example shows, from its own first lines, and which are there.
local scratch = require "support.scratch"

local examples = {}

local HEAD = [[
# Examples

Each begins with what it shows and what to type; the specs check or start every one
(spec/e2e/examples_spec.lua). Those that name no image run on the small guest of `make guest`.
Printed by `make docs` from their first lines.

| example | what it shows |
|---|---|
]]

-- The file of each example, in the order of their folders.
local function files()
  local first = {}
  for _, path in ipairs(scratch.list "examples") do
    local folder = path:match "^([^/]+)/"
    local shows = path:find "/vm%.lua$" or path:find "/embed%.c$" or path:find "%.rockspec$"
    -- what was imported stands in the script
    local script = path:find "/start%.sh$"
    if script or folder and shows and not first[folder] then first[folder] = path end
  end
  local list = {}
  for _, folder in ipairs(require "lunik.text.sorted"(first)) do list[#list + 1] = first[folder] end
  return list
end

-- The first sentence of a file's first comment but its licence.
local function said(path)
  local text = scratch.read("examples/" .. path):gsub("^/%* SPDX[^\n]*\n", "")
    :gsub("^#![^\n]*\n", "")
  local lines = {}
  for line in text:gmatch "[^\n]+" do
    local words = line:match "^%-%- ?(.*)$" or line:match "^/?[ ]?%*+ ?(.*)$"
      or line:match "^# (.*)$"
    if not words or words == "" or words:find "^%s%s" then break end
    lines[#lines + 1] = words
  end
  return (table.concat(lines, " "):gsub("%.%s.*$", ""):gsub("[.:]$", ""))
end

function examples.markdown()
  local out = { HEAD }
  for _, path in ipairs(files()) do
    local folder = path:match "^([^/]+)/"
    out[#out + 1] = ("| [%s](%s) | %s |\n"):format(folder, path, said(path))
  end
  return table.concat(out)
end

return examples
