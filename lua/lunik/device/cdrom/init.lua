-- SPDX-License-Identifier: MIT
-- CD-ROM drives, whose medium can be changed while the machine runs.
return { kinds = { "drive" }, unique = { "id" }, doc = "a CD-ROM drive",
  example = 'cdrom { file = "debian-13.iso" }' }
