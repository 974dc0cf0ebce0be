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

-- The path as the plan has it | nil, why. A missing one is taken as it is where QEMU looks in
-- folders of its own.
local function placed(path, what, context)
  if is_handed(path) then return path end
  -- QEMU knows no home
  local seen = context.as_written and path:find "^~" and "./" .. path or path
  local searched = what == "searched"
  local whole, why = kind.path(not searched and what or nil).read(seen, context)
  if not whole then return nil, why end
  if searched and not context.host.kind(whole) then return path end
  return (context.as_written or path:find "^/") and path or whole
end

-- The option's arguments with their paths in place; what is not there is a lack of this host.
-- given: the fields with their lines (lunik.schema.check); context: dir, host, as_written
function own.place(row, entry, given, context, problems)
  return paths.replace(row, entry.fields, function(key, path, what)
    local whole, why = placed(path, what, context)
    if why then
      local named = type(key) == "string"
      check.add(problems, named and check.line(given, key:match "^[^.]+") or entry.at,
        named and entry.word .. "." .. key or entry.word, why, "host")
    end
    return whole or path
  end)
end

return own
