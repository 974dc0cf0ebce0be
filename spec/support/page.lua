-- A page of docs/ as a reader follows it: its blocks of code in order, in a folder of the reader's.
--   ```lua       a file where its first line is "-- NAME.lua", which is written there; otherwise
--                only parsed
--   ```console   commands after "$ ", which are run, and what they print: … stands for any text of
--                a line, and on a line of its own for any lines
--   ```sh        a file where it begins "#!/bin/sh" and "# NAME"; otherwise what has been typed
--                before (an installation), parsed only
local run = require "support.run"
local scratch = require "support.scratch"

local page = {}

-- The blocks of a page: { language, text, line }.
function page.blocks(path)
  local list, open, at = {}, nil, 0
  for line in scratch.read(path):gmatch "([^\n]*)\n" do
    at = at + 1
    local indent, fence = line:match "^( *)```(%w*)"
    if fence and open then
      list[#list + 1] = { language = open.language, line = open.line,
                          text = table.concat(open, "\n") .. "\n" }
      open = nil
    elseif fence then
      open = { language = fence, line = at + 1, indent = #indent }
    elseif open then
      open[#open + 1] = line:sub(open.indent + 1)
    end
  end
  assert(not open, path .. ": a block is not closed")
  return list
end

-- The commands of a console block: { command, expected = lines, line }.
local function commands(block)
  local list, at = {}, block.line - 1
  for line in block.text:gmatch "([^\n]*)\n" do
    at = at + 1
    local command = line:match "^%$ (.*)$"
    if command then
      list[#list + 1] = { command = command, expected = {}, line = at }
    else
      assert(#list > 0, "line " .. at .. ": output without a command")
      table.insert(list[#list].expected, line)
    end
  end
  return list
end

local function pattern(line)
  return "^" .. line:gsub("[%^%$%(%)%%%.%[%]%*%+%-%?]", "%%%0"):gsub("…", ".*") .. "$"
end

-- Whether lines are what is expected, from those places on.
local function matches(lines, expected, i, j)
  if j > #expected then return i > #lines end
  if expected[j] == "…" then
    for from = i, #lines + 1 do
      if matches(lines, expected, from, j + 1) then return true end
    end
    return false
  end
  return i <= #lines and lines[i]:find(pattern(expected[j])) ~= nil
         and matches(lines, expected, i + 1, j + 1)
end

local function lines_of(text)
  local list = {}
  for line in text:gmatch "[^\n]+" do list[#list + 1] = line end
  return list
end

-- Runs one command in the reader's folder; what it prints, on both streams.
local function typed(reader, command)
  local out, how, status = run.output { path = true, env = reader.env, cwd = reader.dir,
    argv = { "sh", "-c", "exec 2>&1; " .. command } }
  return out, how == "exited" and status
end

-- The sections of a page: { title, blocks = as of page.blocks }.
function page.sections(path)
  local list, line = {}, 0
  local starts = {}
  for text in scratch.read(path):gmatch "([^\n]*)\n" do
    line = line + 1
    local title = text:match "^## (.*)$"
    if title then list[#list + 1], starts[#list + 1] = { title = title, blocks = {} }, line end
  end
  for _, block in ipairs(page.blocks(path)) do
    local at = 0
    while starts[at + 1] and starts[at + 1] <= block.line do at = at + 1 end
    if list[at] then table.insert(list[at].blocks, block) end
  end
  return list
end

-- The file that a block of Lua is | nil
function page.file(block) return block.text:match "^%-%- ([%w_./-]+%.lua)\n" end

-- Follows a page, or some of its blocks: `reader` = { dir, env }; check(text, where, file) holds a
-- Lua block. Raises with the lines of the page where it is not as the page says.
function page.follow(path, reader, check, blocks)
  local wrong = {}
  for _, block in ipairs(blocks or page.blocks(path)) do
    local where = ("%s:%d: "):format(path, block.line)
    if block.language == "lua" then
      local name = page.file(block)
      if name then scratch.write(reader.dir .. "/" .. name, block.text) end
      check(block.text, where, name)
    elseif block.language == "console" then
      for _, each in ipairs(commands(block)) do
        local out = typed(reader, each.command)
        if not matches(lines_of(out), each.expected, 1, 1) then
          wrong[#wrong + 1] = ("%s:%d: $ %s\nexpected:\n%s\ngot:\n%s"):format(path, each.line,
            each.command, table.concat(each.expected, "\n"), out)
        end
      end
    elseif block.language == "sh" then
      local name = block.text:match "^#!/bin/sh\n# ([%w_./-]+)\n"
      if name then scratch.write(reader.dir .. "/" .. name, block.text) end
      local out, status = typed(reader, "sh -n <<'END'\n" .. block.text .. "END")
      assert(status == 0, where .. out)
    end
  end
  if #wrong > 0 then error(table.concat(wrong, "\n"), 0) end
end

return page
