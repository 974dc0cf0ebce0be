-- SPDX-License-Identifier: MIT
-- The folders in which a QEMU looks for firmware and the like by name: it is asked, since builds
-- differ.
local core = require "lunik.core"
local facts = require "lunik.host.facts"
local signal = require "lunik.system.signal"

local PATIENCE = 3
local MOST = 1 << 14

local known = {}

local function ask(program)
  local ours, theirs = core.chan.pair()
  local process <close> = core.proc.spawn { argv = { program, "-L", "help" }, env = {}, cwd = "/",
    fds = { [1] = theirs:fd() }, pdeathsig = signal.KILL }
  theirs:close()
  local text, bytes = "", process and ""
  while bytes and #text < MOST do
    text = text .. bytes
    bytes = ours:read(4096, nil, PATIENCE)
    if bytes == "" then break end
  end
  ours:close()
  if process and not process:wait(PATIENCE) then process:signal(signal.KILL) end
  return text
end

-- The folders of the program at an absolute path: a list, {} where it does not say. Only what is
-- installed is asked: reading a recipe runs nothing that only it names.
return function(program)
  if facts.program(program:match "[^/]+$") ~= program then return {} end
  if not known[program] then
    local list = {}
    for folder in ask(program):gmatch "%f[^\n\0](/[^\n]+)" do
      list[#list + 1] = facts.real(folder)
    end
    known[program] = list
  end
  return known[program]
end
