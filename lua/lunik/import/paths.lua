-- SPDX-License-Identifier: MIT
-- Relative paths in a command line, by the rows of its options: they are seen from the folder in
-- which QEMU ran, and a recipe stands elsewhere.
local core = require "lunik.core"
local qemu = require "lunik.qemu"
local replaced = require "lunik.qemu.paths"
local words = require "lunik.import.words"
local write = require "lunik.qemu.write"

local paths = {}

local function rendered(row, args, json)
  if json then return core.json.encode(write.object(row, args)) end
  local entry = qemu.entry(row.name, args)
  if not entry then return nil end
  return entry.verbatim or (core.argv.render { entry } or {})[2]
end

-- The words of an option; those that it had when none of its paths changes.
local function of_option(found, at)
  local row, text = found.row, found.text
  -- a NUL byte stands for what nobody could expand (lunik.import.shell)
  if not row or not text or text:find "%z" then return found.words end
  local args, ignored = qemu.read(row.name, text)
  if not args or ignored then return found.words end
  local changed = false
  args = replaced.replace(row, args, function(_, path, what)
    local now = path:sub(1, 1) == "/" and path or at(path, what)
    changed = changed or now ~= path
    return now
  end)
  text = changed and rendered(row, args, row.json and text:find "^{")
  if not text then return found.words end
  return found.positional and { text } or { found.words[1], text }
end

-- The words of a command line with at(path, what) in the place of each relative path; `what` has
-- to be there, as lunik.qemu.kind says it. And whether any has changed.
function paths.rewrite(argv, at)
  local list, changed = words.split(argv), false
  local out = table.move(list.before, 1, #list.before, 1, {})
  out[#out + 1] = list.program
  for _, found in ipairs(list) do
    local now = of_option(found, at)
    changed = changed or now ~= found.words
    table.move(now, 1, #now, #out + 1, out)
  end
  return out, changed
end

local function parts_of(path)
  local parts = {}
  for part in path:gmatch "[^/]+" do
    if part == ".." then parts[#parts] = nil elseif part ~= "." then parts[#parts + 1] = part end
  end
  return parts
end

-- An absolute path as it is seen from a folder; absolute where they have nothing in common.
function paths.relative(path, folder)
  local to, from, same = parts_of(path), parts_of(folder), 0
  while to[same + 1] and to[same + 1] == from[same + 1] do same = same + 1 end
  if same == 0 then return "/" .. table.concat(to, "/") end
  local text = ("../"):rep(#from - same) .. table.concat(to, "/", same + 1)
  return text ~= "" and text or "."
end

-- Paths that were seen from `dir` as `folder` sees them. Those that QEMU may find in its own
-- folders stay, where `dir` has none.
function paths.moved(argv, dir, folder, host)
  return paths.rewrite(argv, function(path, what)
    local whole = dir .. "/" .. path:gsub("^%./", "")
    if what == "searched" and not host.kind(whole) then return path end
    return paths.relative(whole, folder)
  end)
end

return paths
