-- SPDX-License-Identifier: MIT
-- A host on which a recipe that lies in memory is a file of a folder: where its modules and its
-- relative paths are.
local host = require "lunik.host"

-- Gives the recipe's path, and that host.
return function(text, name, folder)
  local dir = host.real(folder or ".")
  local path = dir .. "/" .. name
  local here = setmetatable({}, { __index = host })
  function here.kind(of)
    if of == path then return "file" end
    return host.kind(of)
  end
  function here.contents(of, limit)
    if of ~= path then return host.contents(of, limit) end
    if #text <= limit then return text end
    return nil, ("%s: over %d bytes"):format(name, limit)
  end
  return path, here
end
