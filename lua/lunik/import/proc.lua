-- SPDX-License-Identifier: MIT
-- The command line of a running QEMU (proc(5)). Paths are made absolute where the file is
-- seen from QEMU's folder: a recipe stands elsewhere.
local core = require "lunik.core"
local words = require "lunik.import.words"

local proc = {}

local longest = 8 << 20

-- Options and keys whose value is the path of a file, besides those of kind path.
local files = { hda = true, hdb = true, hdc = true, hdd = true, cdrom = true, fda = true,
  fdb = true, sd = true, mtdblock = true, initrd = true }
local keys = { file = true, filename = true, path = true, romfile = true, ["mem-path"] = true,
  ["file.filename"] = true, dir = true }

local function absolute(path, dir, host)
  if type(path) ~= "string" or path == "" or path:sub(1, 1) == "/" then return path end
  return host.kind(dir .. "/" .. path) and dir .. "/" .. path:gsub("^%./", "") or path
end

local function in_json(text, dir, host)
  local object, changed = core.json.decode(text), false
  local function walk(value)
    for key, each in pairs(value) do
      if type(each) == "table" then
        walk(each)
      elseif keys[key] then
        value[key] = absolute(each, dir, host)
        changed = changed or value[key] ~= each
      end
    end
  end
  if type(object) ~= "table" then return text end
  walk(object)
  return changed and core.json.encode(object) or text
end

local function in_pairs(row, text, dir, host)
  local out, changed = {}, false
  for _, pair in ipairs(core.argv.parse(text, row.implied)) do
    local key, value = pair[1], pair[2]
    local path = value and (keys[key] and absolute(value, dir, host)) or value
    changed = changed or path ~= value
    out[#out + 1] = path and key .. "=" .. path:gsub(",", ",,") or key
  end
  return changed and table.concat(out, ",") or text
end

local paired = { opts = true, keyval = true }

local function with_paths(found, dir, host)
  local row, text = found.row, found.text
  if not row or not text then return found.words end
  if row.kind and row.kind.name == "path" or files[row.name] then
    text = absolute(text, dir, host)
  elseif row.json and text:find "^{" then
    text = in_json(text, dir, host)
  elseif paired[row.grammar] then
    text = in_pairs(row, text, dir, host)
  end
  if text == found.text then return found.words end
  return found.positional and { text } or { found.words[1], text }
end

-- The words of process `pid`, its folder, and whether a path was changed; or nil and why.
function proc.argv(pid, host)
  local path = ("/proc/%d/"):format(pid)
  if not host.kind(path) then return nil, ("no process %d"):format(pid) end
  local text, why = host.contents(path .. "cmdline", longest)
  if not text then return nil, why end
  local argv = {}
  for word in text:gmatch "([^%z]*)%z" do argv[#argv + 1] = word end
  if #argv == 0 then return nil, ("process %d has no command line"):format(pid) end
  local dir = host.real(path .. "cwd")
  local list, changed = words.split(argv), false
  local out = table.move(list.before, 1, #list.before, 1, {})
  out[#out + 1] = list.program
  for _, found in ipairs(list) do
    local now = with_paths(found, dir, host)
    changed = changed or now ~= found.words
    table.move(now, 1, #now, #out + 1, out)
  end
  return out, dir, changed
end

return proc
