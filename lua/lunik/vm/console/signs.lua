-- SPDX-License-Identifier: MIT
-- What a guest says on its console when it will not come up: while a machine is waited for, such a
-- line ends the wait. The bytes are the guest's: they come in any pieces, and hold anything.
local extensions = require "lunik.extensions"
local printable = require "lunik.text.printable"

local signs = {}

local LINE = 512           -- bytes of a line that are looked at
local LINES = 10           -- lines that are kept, to be shown

-- name: what has happened. text: what a line has in it; with `prompt`, what an unfinished line
-- begins with. Extensions add rows of their own, and so does a recipe (lunik.machine.signs).
signs.rows = {
  { name = "the guest's kernel panicked", text = "Kernel panic - not syncing" },
  { name = "the firmware has found nothing to boot", text = "No bootable device" },
  { name = "the firmware has found nothing to boot", text = "No bootable option or device" },
  { name = "GRUB has found no menu", text = "grub>", prompt = true },
  { name = "GRUB has not found its own files", text = "grub rescue>", prompt = true },
  { name = "the guest is in emergency mode", text = "You are in emergency mode" },
  { name = "the guest has not found its root", text = "(initramfs)", prompt = true },
}

-- All of them. An extension's that cannot be had is told by lunik doctor, and stops no machine.
local function all(of_recipe)
  local list = table.move(of_recipe, 1, #of_recipe, 1, {})
  table.move(signs.rows, 1, #signs.rows, #list + 1, list)
  for _, name in ipairs(extensions.names "signs") do
    local row = extensions.row("signs", name)
    if row and #row.text > 0 then list[#list + 1] = row end
  end
  return list
end

local watcher = {}
watcher.__index = watcher

-- Calls found { name, line, lines } at the first sign; `of_recipe` are rows of the machine's own.
function signs.watch(found, of_recipe)
  return setmetatable({ found = found, line = "", lines = {}, rows = all(of_recipe or {}) },
                      watcher)
end

-- A line without what moves the cursor and paints, and without what a new one has overwritten.
function signs.plain(line)
  return (line:gsub("\27%[[%d;?]*[%a@`]", ""):gsub("\27[%(%)]?.", ""):gsub("%c", ""))
end

local function fits(row, line, whole)
  if not row.prompt then return whole and line:find(row.text, 1, true) end
  return line:match "^%s*(.*)$":sub(1, #row.text) == row.text
end

local function keep(self, line)
  if not line:find "%S" then return end
  self.lines[#self.lines + 1] = printable(line)
  if #self.lines > LINES then table.remove(self.lines, 1) end
end

local function judge(self, line, whole)
  for _, row in ipairs(self.rows) do
    if not self.over and fits(row, line, whole) then
      self.over = true
      keep(self, line)
      return self.found { name = row.name, line = printable(line), lines = self.lines }
    end
  end
end

-- What the guest says next. The end of a line that is none yet may be a prompt.
function watcher:hear(bytes)
  for text, ending in bytes:gmatch "([^\r\n]*)([\r\n]?)" do
    if self.over then return end
    self.line = self.line .. text
    local whole = ending ~= "" or #self.line > LINE
    local line = signs.plain(self.line:sub(1, LINE))
    if text ~= "" or whole then judge(self, line, whole) end
    if whole and not self.over then
      keep(self, line)
      self.line = ""
    end
  end
end

return signs
