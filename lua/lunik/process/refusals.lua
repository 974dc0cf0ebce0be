-- SPDX-License-Identifier: MIT
-- What the kernel refuses to a helper, by name, as core.proc.spawn takes it (src/refuse.h).
local errno = require "posix.errno"

local SUID, SGID = 2048, 1024  -- S_ISUID and S_ISGID of <sys/stat.h>
local DIRECTORY = 16384        -- the bit of S_IFDIR that S_IFREG has not

local refusals = {}

-- Files that run as their owner or their group. A directory may have the second bit, which hands
-- on its group: virtiofsd passes on what kind of file the guest's kernel says it is. What openat2
-- makes cannot be seen, so it is not there: virtiofsd takes openat then.
refusals.suid = { { call = "openat2", error = errno.ENOSYS } }

local function refuse(call, argument, bits, unless)
  table.insert(refusals.suid, { call = call, argument = argument, bits = bits, unless = unless,
                                error = errno.EPERM })
end

for call, argument in pairs { chmod = 1, fchmod = 1, fchmodat = 2, fchmodat2 = 2 } do
  refuse(call, argument, SUID)
  refuse(call, argument, SGID, DIRECTORY)
end
for call, argument in pairs { creat = 1, open = 2, openat = 3, mknod = 1, mknodat = 2 } do
  refuse(call, argument, SUID | SGID)
end

return refusals
