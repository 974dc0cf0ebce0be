-- SPDX-License-Identifier: MIT
-- What the kernel refuses to a helper, by name, as core.proc.spawn takes it (src/refuse.h).
local errno = require "posix.errno"

local BITS = 2048 | 1024       -- S_ISUID and S_ISGID of <sys/stat.h>

local refusals = {}

-- Files that run as their owner or their group. A directory does not get the second bit, which
-- hands on its group, either: which kind of file it is says the guest. It has the bit of the
-- directory that it is made in, all the same. What openat2 makes cannot be seen, so it is not
-- there: virtiofsd takes openat then.
refusals.suid = { { call = "openat2", error = errno.ENOSYS } }

for call, argument in pairs { chmod = 1, fchmod = 1, fchmodat = 2, fchmodat2 = 2,
                              creat = 1, open = 2, openat = 3, mknod = 1, mknodat = 2 } do
  table.insert(refusals.suid, { call = call, argument = argument, bits = BITS,
                                error = errno.EPERM })
end

return refusals
