-- SPDX-License-Identifier: MIT
-- Modes of files, in octal as chmod(1) has them. What lunik makes is for its user alone.
local function octal(digits) return tonumber(digits, 8) end

return {
  file = octal "600",             -- a file of lunik's own
  folder = octal "700",           -- a directory of lunik's own
  others = octal "077",           -- the bits of group and others; also the umask of what it starts
  written_by_others = octal "022",
  written_by_all = octal "002",
  sticky = octal "1000",
  bits = octal "7777",            -- all that chmod changes
  kept = octal "1777",            -- … but for what lets a program run as another
  shared = octal "644",           -- a file that everybody may read
}
