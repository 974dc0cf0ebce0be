-- SPDX-License-Identifier: MIT
-- What lies where in the folder of a saved machine:
--   machine.json     what it is (lunik.saved.record); machine.sha256, the sum of that
--   state       the devices' state as QEMU writes it, and all memory where that does not lie apart
--   memory      the guest's memory, with holes, or compressed (lunik.saved.packed); memory-ID that
--               of a module that was plugged
--   disks/NAME  images that belong to it alone
--   guest/NAME  what the guest keeps beside its disks: its firmware's variables, its TPM's state
--   used        that it has been restored, and into what its disks went
local dirent = require "posix.dirent"
local stat = require "posix.sys.stat"
local unistd = require "posix.unistd"

local layout = { RECORD = "machine.json", SUM = "machine.sha256", USED = "used" }

local FOLDERS = { disks = true, guest = true }
local LONGEST = 100

function layout.base(path) return path:match "[^/]*$" end

-- Whether a saved machine, or a file in it, can be called so: true | nil, why
function layout.is_name(name)
  if #name == 0 then return nil, "has no name" end
  if #name > LONGEST then return nil, ("its name is longer than %d bytes"):format(LONGEST) end
  if name:find "^%w[%w._+-]*$" then return true end
  return nil, "its name may have letters, digits, '.', '_', '+' and '-', and begins with a letter "
    .. "or a digit"
end

-- Whether it is the name of a file of a saved machine.
function layout.is_file(name)
  local inner, rest = name:match "^(%a+)/(.*)$"
  if inner then return FOLDERS[inner] and layout.is_name(rest) or false end
  return layout.is_name(name) or false
end

-- The name of the folder that clones of a running machine start from (lunik.vm.fork), by what lies
-- in that one's state directory: the folder, its draft, its lock | nil
function layout.forked(name) return name:match "^%.?(forked%-%x+)" end

-- Removes the files of a saved machine or of its draft, and the folders in it; what has another
-- kind or lies deeper stays: true | nil, why
function layout.remove(path)
  for _, name in ipairs(dirent.dir(path) or {}) do
    local at = path .. "/" .. name
    local info = name ~= "." and name ~= ".." and stat.lstat(at)
    if info and stat.S_ISDIR(info.st_mode) ~= 0 and FOLDERS[name] then
      layout.remove(at)
      unistd.rmdir(at)
    elseif info and stat.S_ISREG(info.st_mode) ~= 0 and layout.is_name(name) then
      local ok, why = unistd.unlink(at)
      if not ok then return nil, "remove " .. why end
    end
  end
  return true
end

return layout
