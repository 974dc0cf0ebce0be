-- SPDX-License-Identifier: MIT
-- Paths in QEMU's own options (qemu.* { … }): seen from the recipe's folder, as those of devices
-- are, and there where QEMU reads them. Under `defaults = false` they stay as they were written,
-- and QEMU runs in that folder.
local check = require "lunik.schema.check"
local kind = require "lunik.schema.kind"
local paths = require "lunik.qemu.paths"

local own = {}

-- What is no file of the host's, though it looks like one: descriptors that QEMU is handed.
local function is_handed(path)
  return path:find "^/dev/fd" or path:find "^/proc/self/" or path:find "^/dev/std"
end

-- What has to be there, by what it is to QEMU (lunik.qemu.kind).
local must = { file = "file", image = "file", device = "file", program = "file",
  directory = "directory" }

-- The path as the plan has it | nil, why. A missing one is taken as it is where QEMU looks in
-- folders of its own.
local function placed(path, what, context)
  if is_handed(path) then return path end
  -- QEMU knows no home
  local seen = context.as_written and path:find "^~" and "./" .. path or path
  local searched = what == "searched"
  local whole, why = kind.path(must[what]).read(seen, context)
  if not whole then return nil, why end
  if searched and not context.host.kind(whole) then return path end
  return (context.as_written or path:find "^/") and path or whole
end

-- The arguments of an option with their paths in place; report(key | nil, why) hears of those that
-- are not there. context: dir, host, as_written
function own.settle(row, args, context, report)
  return paths.replace(row, args, function(key, path, what)
    local whole, why = placed(path, what, context)
    if why then report(type(key) == "string" and key or nil, why) end
    return whole or path
  end)
end

-- The same for an entry of a recipe, where what is not there is a lack of this host. given: its
-- fields with their lines (lunik.schema.check)
function own.place(row, entry, given, context, problems)
  return own.settle(row, entry.fields, context, function(key, why)
    check.add(problems, key and check.line(given, key:match "^[^.]+") or entry.at,
      key and entry.word .. "." .. key or entry.word, why, "host")
    problems[#problems].code = "file-missing"
  end)
end

return own
