-- SPDX-License-Identifier: MIT
-- A pair of flash on a command line, a code that a descriptor of QEMU's knows and variables of its
-- own, as the machine's field `firmware`: where that gives the guest the same.
local choose = require "lunik.machine.firmware.choose"

local firmware = {}

local KEYS = { ["if"] = true, format = true, unit = true, readonly = true, file = true }

-- Options that may say another firmware; raw words may, too.
local OTHERS = { bios = true, pflash = true, readconfig = true, set = true }

-- The file of a drive that says nothing but which flash it is | nil
local function image(item, unit)
  local args = item.args
  for key in pairs(args) do
    if not KEYS[key] then return nil end
  end
  if (args.format or "raw") ~= "raw" or (args.unit or unit) ~= unit then return nil end
  if #(rawget(item, "there") or {}) > 0 or type(args.file) ~= "string" then return nil end
  return args.file:find "^/" and args.file or nil
end

-- The items that matter: flash, in order; the default that makes it secure; the board, and its smm.
local function survey(items)
  local found = { flash = {} }
  for _, item in ipairs(items) do
    local name, args = not item.raw and item.row and item.row.name, item.args or {}
    local unknown = not name and not item.console
    found.other = found.other or unknown or OTHERS[name] or args.pflash0 or args.firmware
    if name == "drive" and args["if"] == "pflash" then
      table.insert(found.flash, item)
    elseif name == "global" and args.driver == "cfi.pflash01" then
      found.secure = item
    elseif name == "machine" then
      found.board, found.smm = found.board or args[1] or args.type, found.smm or args.smm
    end
  end
  return found
end

-- Whether our options make the flash as secure as theirs.
local function as_secure(found, one)
  if not one.features["requires-smm"] then return not found.secure end
  local args = found.secure and found.secure.args
  return args and args.property == "secure" and args.value == "on" and found.smm == true
end

local function descriptor(found, code, store, host, arch)
  local list = host.firmware and host.firmware() or {}
  local want = { arch = arch, board = found.board or "pc", code = code }
  local one = choose.of_code(choose.naming(list, "code", code, host), list, want, host)
  if not one or not one.vars or host.real(one.vars.path) == host.real(store) then return nil end
  local template, there = host.stamp(one.vars.path), host.stamp(store)
  local fits = template and there and template.bytes == there.bytes
  return fits and one.vars.format == "raw" and as_secure(found, one) and one or nil
end

local function without(items, gone)
  local left = {}
  for _, item in ipairs(items) do
    if not gone[item] then left[#left + 1] = item end
  end
  return left
end

-- The field's value, and the items that are left | nil
function firmware.take(items, host, arch)
  local found = survey(items)
  local first, second = found.flash[1], found.flash[2]
  if not second or found.flash[3] or found.other or arch ~= "x86_64" then return nil end
  local code, store = image(first, 0), image(second, 1)
  if first.args.readonly ~= true or second.args.readonly then return nil end
  if not code or not store then return nil end
  if not descriptor(found, code, store, host, arch) then return nil end
  return { code = code, store = store },
    without(items, { [first] = true, [second] = true, [found.secure or first] = true })
end

return firmware
