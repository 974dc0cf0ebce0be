-- SPDX-License-Identifier: MIT
-- What lunik's messages mean: for `lunik help "MESSAGE"` and docs/troubleshooting.md. A row is
-- { the message, … for what is filled in; what happened, and why; what to type }. It stands for
-- every message that holds it.
local markdown = require "lunik.reference.markdown"

local messages = { sections = {} }

for i, name in ipairs { "machines", "guest", "devices", "saved", "fleet", "words" } do
  messages.sections[i] = require("lunik.reference.messages." .. name)
end

local function pattern(text)
  return (text:gsub("[%^%$%(%)%%%.%[%]%*%+%-%?]", "%%%0"):gsub("…", ".-"))
end

-- Quotes do not count: a shell may have taken them.
local function unquoted(text) return (text:gsub("'", "")) end

-- The row that says most of a message | nil. One of few letters and what is filled in behind them
-- counts only from the message's beginning.
function messages.find(text)
  local best, most = nil, 0
  text = unquoted(text)
  for _, section in ipairs(messages.sections) do
    for _, row in ipairs(section.rows) do
      local fixed = #row[1]:gsub("…", "")
      local short = fixed < 12 and row[1]:find "^%a.*…$"
      if fixed > most and text:find((short and "^" or "") .. pattern(unquoted(row[1]))) then
        best, most = row, fixed
      end
    end
  end
  return best
end

-- What `lunik help "MESSAGE"` shows, of a line as a verb printed it | nil
function messages.text(line)
  local row = line:find "%s" and messages.find(line:gsub("^lunik ?[%l-]*: ", ""))
  if not row then return nil end
  return ("%s\n  %s\n  type: %s\n"):format(row[1], row[2], row[3])
end

local HEAD = [[
# Troubleshooting, by message

Printed by `make docs` from the rows of lua/lunik/reference/messages. `lunik help "MESSAGE"` shows
the paragraph of a message that you paste, `lunik help CODE` that of a code, `lunik help 5` that of
an exit code. `…` stands for what differs: a name, a path, a number.

What a recipe or a command line gets wrong has codes of its own: [problems.md](problems.md). What
verbs exit with is in [program.md](program.md#exit-codes), the codes of a refusal in
[vm.md](vm.md#codes). What this host lacks, and what mends it: `lunik doctor`. For a report of a
fault, `lunik report NAME` gathers all that is known of a machine, without its secrets.
]]

-- A text as code: within backticks, of which it may have some.
local function code(text)
  return text:find("`", 1, true) and "`` " .. text .. " ``" or "`" .. text .. "`"
end

-- docs/troubleshooting.md
function messages.markdown()
  local out = { HEAD }
  for _, section in ipairs(messages.sections) do
    out[#out + 1] = ("## %s\n"):format(section.title)
    local cells = {}
    for i, row in ipairs(section.rows) do
      cells[i] = { code(row[1]), row[2], code(row[3]) }
    end
    markdown.table({ "message", "what happened", "type" }, cells, out)
  end
  return table.concat(out, "\n")
end

return messages
