-- SPDX-License-Identifier: MIT
-- lunik itself, and what it is written in.
local version = require "lunik.version"

return { name = "lunik", doc = "lunik and its modules", look = function(_, say)
  local ok, posix = pcall(require, "posix.version")
  say("ok", ("lunik %s, %s, luaposix %s"):format(version, _VERSION,
    ok and tostring(posix):match "luaposix (%S+)" or "of an unknown version"))
end }
