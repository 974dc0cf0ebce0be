-- The messages that verbs answer with, read from where they are returned: `return nil, "…"`, and
-- what is said of a machine, "machine '%s' …"; with … for what is filled in.
local scratch = require "support.scratch"

local messages = {}

-- The text of the literals that begin there, joined as the source joins them | nil where something
-- else stands first.
local function literal(source, at)
  local parts = {}
  while true do
    at = source:match("^[%s(]*()", at)
    local text, after = source:match('^"([^"\n]*)"()', at)
    if not text then return parts[1] and table.concat(parts) .. "…" or nil end
    parts[#parts + 1] = text:gsub("\\n", "\n"):gsub("\1", '"')
    at = source:match("^%s*%.%.%s*()", after)
    if not at then return table.concat(parts) end
  end
end

-- What is filled in, as a reader sees it.
local function shown(text)
  text = text:gsub("%%%%", "\0"):gsub("%%[%d.#]*[sdgqxXfio]", "…")
  return (text:gsub("%z", "%%"):gsub("…+", "…"))
end

-- { text, where } of each message in the files below a folder of lua/lunik.
function messages.of(folder)
  local list = {}
  for _, name in ipairs(scratch.list("lua/lunik/" .. folder)) do
    if name:find "%.lua$" then
      local source = scratch.read(("lua/lunik/%s/%s"):format(folder, name)):gsub('\\"', "\1")
      for _, begins in ipairs { "return nil,%s*()", "= *()\"machine '" } do
        for at in source:gmatch(begins) do
          local text = literal(source, at)
          if text and shown(text):gsub("…", ""):find "%a%a" then
            list[#list + 1] = { text = shown(text), where = folder .. "/" .. name }
          end
        end
      end
    end
  end
  return list
end

-- All that the files below a folder have in quotes, one after the other, as it is joined there.
function messages.quoted(folder)
  local list = {}
  for _, name in ipairs(scratch.list("lua/lunik/" .. folder)) do
    if name:find "%.lua$" then
      local source = scratch.read(("lua/lunik/%s/%s"):format(folder, name))
      list[#list + 1] = shown(source:gsub('"%s*%.%.%s*"', ""))
    end
  end
  return table.concat(list, "\n")
end

messages.shown = shown

return messages
