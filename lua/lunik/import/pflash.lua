-- SPDX-License-Identifier: MIT
-- A pair of flash that is said by -blockdev and -machine, as libvirt and lunik itself say it, in
-- the older spelling by -drive, which gives the guest the same (lunik.import.firmware).
local qemu = require "lunik.qemu"
local words = require "lunik.import.words"

local pflash = {}

-- What a node may say beside its file: nothing of it changes what the guest has.
local HARMLESS = { ["read-only"] = true, ["auto-read-only"] = true, discard = true,
                   ["node-name"] = true, driver = true, filename = true, file = true }

local function read(found)
  local text = found.text
  if not text or text:find("\0", 1, true) then return nil end
  local ok, args = pcall(qemu.read, found.row.name, text)
  return ok and type(args) == "table" and args or nil
end

local function driver(args) return args.driver or args[1] end

-- All nodes by name, { args, found }; the machine's option that names the two, and what it says.
local function survey(list)
  local nodes, machine, said = {}, nil, nil
  for _, found in ipairs(list) do
    local name = found.row and found.row.name
    local args = (name == "blockdev" or name == "machine") and read(found)
    if args and name == "blockdev" and type(args["node-name"]) == "string" then
      nodes[args["node-name"]] = { args = args, found = found }
    elseif args and name == "machine" and (args.pflash0 or args.pflash1) then
      if machine then return nil end
      machine, said = found, args
    end
  end
  return nodes, machine, said
end

local function only_harmless(args)
  for key in pairs(args) do
    if type(key) == "string" and not HARMLESS[key] then return false end
  end
  return true
end

-- The file behind a node, and whether it is read only; notes in `gone` the options that say so
-- | nil: it is more than a file
local function file_of(nodes, name, gone)
  local node = nodes[name]
  local args = node and node.args
  if not args or gone[node.found] or not only_harmless(args) then return nil end
  local readonly = args["read-only"] == true
  gone[node.found] = true
  if driver(args) == "file" then return args.filename, readonly end
  if driver(args) ~= "raw" then return nil end
  if type(args.file) == "string" then return (file_of(nodes, args.file, gone)), readonly end
  if type(args.file) ~= "table" or driver(args.file) ~= "file" or not only_harmless(args.file) then
    return nil
  end
  return args.file.filename, readonly
end

local function drive(file, unit, readonly)
  return ("if=pflash,format=raw,unit=%d,%sfile=%s"):format(unit, readonly and "readonly=on," or "",
    (file:gsub(",", ",,")))
end

-- The command line with such a pair by -drive | nil: it has none.
function pflash.as_drives(argv)
  local list = words.split(argv)
  local nodes, machine, said = survey(list)
  if not machine or machine.text:find(",,", 1, true) or machine.text:find "^{" then return nil end
  local gone = {}
  local code, code_readonly = file_of(nodes, said.pflash0, gone)
  local vars, vars_readonly = file_of(nodes, said.pflash1, gone)
  if type(code) ~= "string" or type(vars) ~= "string" then return nil end
  local out = table.move(argv, 1, (list[1] and list[1].at or #argv + 1) - 1, 1, {})
  for _, found in ipairs(list) do
    if found == machine then
      local rest = ("," .. found.text):gsub(",pflash[01]=[^,]*", ""):sub(2)
      table.move(rest ~= "" and { found.words[1], rest } or {}, 1, 2, #out + 1, out)
    elseif not gone[found] then
      table.move(found.words, 1, #found.words, #out + 1, out)
    end
  end
  table.move({ "-drive", drive(code, 0, code_readonly), "-drive", drive(vars, 1, vars_readonly) },
    1, 4, #out + 1, out)
  return out
end

return pflash
