-- SPDX-License-Identifier: MIT
-- Chooses among the firmware that is installed, as QEMU's docs/interop/firmware.json says: the
-- first that is for the machine and has what is asked for. Of what changes how a guest boots it has
-- no more than that: what sorts first often checks signatures.
local kind = require "lunik.schema.kind"

local choose = {}

-- What has to be asked for, and what is asked for with secure = true.
local UNASKED = { "enrolled-keys", "secure-boot", "requires-smm" }
local SECURE = { "secure-boot", "enrolled-keys" }

-- What the boards' short names stand for: the newest of them, whichever that is.
local NEWEST = { q35 = "pc-q35-9.9", pc = "pc-i440fx-9.9", virt = "virt-9.9" }

local PACKAGES = { x86_64 = "ovmf in Debian, edk2-ovmf elsewhere", i386 = "ovmf-ia32 in Debian",
  aarch64 = "qemu-efi-aarch64 in Debian, edk2-aarch64 elsewhere", arm = "qemu-efi-arm in Debian",
  riscv64 = "qemu-efi-riscv64 in Debian, edk2-riscv64 elsewhere" }

-- The end of a set such as [a-z] or [!0-9] that begins at `at`, and whether `char` is in it
-- | nil where it has no end
local function in_set(glob, at, char)
  local body, stop = glob:match("^%[([!^]?%]?[^%]]*)%]()", at)
  if not body then return nil end
  local negated = body:find "^[!^]" ~= nil
  local set = negated and body:sub(2) or body
  local found, i = false, 1
  while i <= #set do
    local last = set:match("^.%-(.)", i)
    found = found or char >= set:sub(i, i) and char <= (last or set:sub(i, i))
    i = i + (last and 3 or 1)
  end
  return stop, found ~= negated
end

-- Where a pattern goes on behind one character of the text | nil where that is another
local function step(glob, at, char)
  local first = glob:sub(at, at)
  if first == "?" then return char ~= "" and at + 1 or nil end
  if first == "[" then
    local stop, found = in_set(glob, at, char)
    if stop then return found and char ~= "" and stop or nil end
  end
  if first == "\\" and at < #glob then at, first = at + 1, glob:sub(at + 1, at + 1) end
  return first == char and char ~= "" and at + 1 or nil
end

-- Whether a pattern of fnmatch(3) fits a text. What follows a star is tried anew one further on, of
-- the last star only: it takes no more than the product of both lengths.
function choose.fits(glob, text)
  local at, i, star, from = 1, 1, nil, nil
  while i <= #text do
    local behind = glob:sub(at, at) ~= "*" and step(glob, at, text:sub(i, i))
    if glob:sub(at, at) == "*" then
      star, from, at = at + 1, i, at + 1
    elseif behind then
      at, i = behind, i + 1
    elseif star then
      from = from + 1
      at, i = star, from
    else
      return false
    end
  end
  return not glob:find("[^*]", at)
end

local function is_for_board(globs, board)
  for _, glob in ipairs(globs) do
    if not board or choose.fits(glob, board) or choose.fits(glob, NEWEST[board] or board) then
      return true
    end
  end
end

-- The globs of the boards that it is for, on this architecture; empty where there is none.
local function boards(one, arch)
  local list = {}
  for _, target in ipairs(one.targets) do
    local globs = target.arch == arch and target.machines or {}
    table.move(globs, 1, #globs, #list + 1, list)
  end
  return list
end

-- Why the machine cannot have it, whatever is asked for | nil
local function unfit(one, want, host)
  if one.problem then return one.problem end
  local globs = boards(one, want.arch)
  if not globs[1] then
    local target = one.targets[1]
    return ("is for %s"):format(target and target.arch or "no machine"), true
  end
  if not is_for_board(globs, want.board) then
    return ("is for %s"):format(table.concat(globs, ", "))
  end
  for _, image in ipairs { one.code, one.vars } do
    if host.kind(image.path) ~= "file" then return ("its %s is not there"):format(image.path) end
  end
end

-- Which features it lacks, or has too many | nil
local function unasked(one, secure)
  for _, feature in ipairs(secure and SECURE or {}) do
    if not one.features[feature] then return "has no " .. feature end
  end
  for _, feature in ipairs(secure and {} or UNASKED) do
    if one.features[feature] then return ("has %s, which is not asked for"):format(feature) end
  end
end

local function wanted(want)
  return ("UEFI firmware%s for %s"):format(want.secure and " with secure boot" or "", want.arch)
end

local function none(want, reasons)
  if #reasons == 0 then
    return ("no %s is installed%s"):format(wanted(want),
      PACKAGES[want.arch] and ": the package is " .. PACKAGES[want.arch] or "")
  end
  return ("no %s%s: %s"):format(wanted(want),
    want.board and (" with the machine type '%s'"):format(want.board) or "",
    table.concat(reasons, "; "))
end

-- The first descriptor (lunik.host.firmware) for a machine: want is { arch, board = its type | nil,
-- secure } | nil, why
function choose.first(list, want, host)
  local reasons = {}
  for _, one in ipairs(list) do
    local why, elsewhere = unfit(one, want, host)
    local uefi = one.problem or one.interfaces.uefi
    if not why and uefi then why = unasked(one, want.secure) end
    if not why and uefi then return one end
    if uefi and not elsewhere then reasons[#reasons + 1] = one.name .. " " .. why end
  end
  return nil, none(want, reasons)
end

-- The descriptors in which `path` is the code, or the variables: those that name it so, else those
-- that name the same file.
function choose.naming(list, member, path, host)
  local named, same = {}, {}
  for _, one in ipairs(list) do
    local image = not one.problem and one[member]
    if image and image.path == path then
      named[#named + 1] = one
    elseif image and host.real(image.path) == host.real(path) then
      same[#same + 1] = one
    end
  end
  return named[1] and named or same
end

local function show(path) return kind.show(path:match "[^/]*$") end

-- The one of those that name a code that the machine can have: want is { arch, board, secure, code,
-- vars } | nil, which member is wrong (nil: the code), why
function choose.of_code(owners, list, want, host)
  local with = want.vars and choose.naming(list, "vars", want.vars, host) or {}
  local first, field
  for _, one in ipairs(owners) do
    local why, about = unfit(one, want, host), nil
    if not why and want.secure then why, about = unasked(one, true), "secure" end
    if not why and with[1] and not (one.vars and host.real(one.vars.path) == host.real(want.vars))
    then
      why, about = ("%s goes with %s, by %s"):format(show(want.vars), show(with[1].code.path),
        with[1].name), "vars"
    end
    if not why then return one end
    if not first then
      first, field = about == "vars" and why or ("%s, by %s: %s"):format(show(want.code), one.name,
        why), about
    end
  end
  return nil, field, first
end

return choose
