-- SPDX-License-Identifier: MIT
-- What the extension adds to lunik. Each module has the same row that a file of lunik's own would
-- have in its place; it is loaded when that is first needed.
return {
  version = "0.1",
  doc = "directories of any host that the guest reaches by ssh",
  kinds = { mount = { sshfs = "lunik.ext.sshfs.mount" } },     -- mount { kind = "sshfs", … }
  verbs = { sshfs = "lunik.ext.sshfs.verb" },                  -- lunik sshfs NAME
  methods = { sshfs = "lunik.ext.sshfs.method" },              -- vm:sshfs()
  events = { SSHFS_LOST = "lunik.ext.sshfs.lost" },            -- on("SSHFS_LOST", fn)
  checks = { sshfs = "lunik.ext.sshfs.check" },                -- of every recipe
  doctor = { sshfs = "lunik.ext.sshfs.doctor" },               -- a line of lunik doctor
  recipe = function(...) return require "lunik.ext.sshfs.recipe"(...) end,
}
