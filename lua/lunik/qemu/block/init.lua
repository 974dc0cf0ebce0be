-- SPDX-License-Identifier: MIT
-- Block device options, as qemu-options.hx groups them.
local kind = require "lunik.qemu.kind"

local rows = {
  (require "lunik.qemu.block.blockdev"),
  (require "lunik.qemu.block.drive"),

  { "snapshot", grammar = "flag",
    doc = "writes to drives go to temporary files" },
  { "mtdblock", grammar = "text", kind = kind.image,
    doc = "flash memory of the board", examples = { { "flash.img" } } },
  { "sd", grammar = "text", kind = kind.image,
    doc = "SD card of the board", examples = { { "card.img" } } },

  { "iscsi", grammar = "opts", order = { "id" },
    keys = {
      { "id", kind = kind.id, doc = "target that it is for, if its name has no colon; none: all" },
      { "user", kind = kind.text, doc = "user" },
      { "password", kind = kind.text, deprecated = "use password-secret", doc = "the password",
        secret = true },
      { "password-secret", kind = kind.ref "object", ref = "object",
        doc = "secret that is the password" },
      { "header-digest", kind = kind.one_of { "CRC32C", "CRC32C-NONE", "NONE-CRC32C", "NONE" },
        doc = "checksums" },
      { "initiator-name", kind = kind.text, doc = "the initiator's name" },
      { "timeout", kind = kind.count, default = "0", doc = "seconds" },
    },
    doc = "how iSCSI sessions are made",
    examples = { { user = "me", password_secret = "chap",
      initiator_name = "iqn.2026-01.org.example:vm" } } },
}

for _, list in ipairs { (require "lunik.qemu.block.fsdev") } do
  table.move(list, 1, #list, #rows + 1, rows)
end

for _, name in ipairs { "fda", "fdb", "hda", "hdb", "hdc", "hdd", "cdrom" } do
  local what = name == "cdrom" and "a CD, where hdc would be"
    or ("%s %s"):format(name:find "^f" and "floppy" or "hard disk", ("abcd"):find(name:sub(-1)) - 1)
  rows[#rows + 1] = { name, grammar = "text", kind = kind.image, once = true,
    doc = "image of " .. what, examples = { { name == "cdrom" and "install.iso" or "disk.img" } } }
end

return rows
