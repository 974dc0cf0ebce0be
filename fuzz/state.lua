-- SPDX-License-Identifier: MIT
-- What fuzz/state.c calls: read(bytes), and spoil(bytes, seed), which makes other bytes of them.
-- The first says in which file the others lie.
package.path = "lua/?.lua;lua/?/init.lua;spec/?.lua;build/deps/share/?.lua;"
               .. "build/deps/share/?/init.lua;" .. package.path
package.cpath = "build/deps/lib/?.so;" .. package.cpath
local kept = require "support.kept_files"
local scratch = require "support.scratch"
local stdlib = require "posix.stdlib"
local unistd = require "posix.unistd"

local REAL = 8             -- of so many spoilt texts one is made of the real one

local dir = assert(stdlib.realpath(os.getenv "FUZZ_FOLDER" or ""), "FUZZ_FOLDER: no such folder")
kept.enter(dir)

local function row_of(bytes)
  return kept.files[(bytes:byte(1) or 0) % #kept.files + 1]
end

local function read(bytes)
  local row = row_of(bytes)
  local path = dir .. "/" .. row.file
  scratch.write(path, bytes:sub(2))
  row.read(dir)
  unistd.unlink(path)
end

local function spoil(bytes, seed)
  math.randomseed(seed)
  local is_new = #bytes < 2 or math.random(REAL) == 1
  local which = is_new and string.char(math.random(#kept.files) - 1) or bytes:sub(1, 1)
  local text = is_new and row_of(which).real or bytes:sub(2)
  return which .. kept.spoil(math.random, text)
end

return read, spoil
