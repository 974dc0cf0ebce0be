-- SPDX-License-Identifier: MIT
-- This process's environment, for a program that is to have the same: a list of "NAME=value".
return function()
  local list = {}
  for name, value in pairs(require "posix.stdlib".getenv()) do
    list[#list + 1] = name .. "=" .. value
  end
  return list
end
