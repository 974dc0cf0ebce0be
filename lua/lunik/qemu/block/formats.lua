-- SPDX-License-Identifier: MIT
-- -blockdev's drivers that read an image format or filter what another node says. Numbers
-- are whole and in bytes: unlike -drive, -blockdev reads no "16M".
local kind = require "lunik.qemu.kind"

local file = { "file", kind = kind.node, required = true, ref = "node",
  doc = "node that holds the data" }
local backing = { "backing", kind = kind.node, ref = "node",
  doc = "node that the image is a change of" }
local secret = { "key-secret", kind = kind.ref "object", ref = "object",
  doc = "secret that is the key" }

local function on_off(name, doc, default)
  return { name, kind = kind.on_off, doc = doc, default = default }
end

local function count(name, doc, default)
  return { name, kind = kind.count, doc = doc, default = default }
end

local function node(name, doc)
  return { name, kind = kind.node, ref = "node", required = true, doc = doc }
end

local overlap = kind.one_of { "none", "constant", "cached", "all" }

local qcow2 = {
  file, backing,
  { "data-file", kind = kind.node, ref = "node", doc = "node of an external data file" },
  on_off("lazy-refcounts", "reference counts are written late"),
  on_off("pass-discard-request", "the guest's discards reach the file"),
  on_off("pass-discard-snapshot", "those of deleted snapshots do", "on"),
  on_off("pass-discard-other", "all others do", "off"),
  { "discard-no-unref", kind = kind.on_off, since = "8.1", default = "off",
    doc = "discarded clusters stay allocated" },
  { "overlap-check", kind = overlap, default = "cached", doc = "what writes are checked against" },
  { "overlap-check.template", kind = overlap, doc = "the same, when single checks are named" },
  count("cache-size", "L2 tables and reference counts in memory"),
  count("l2-cache-size", "L2 tables in memory"),
  count("l2-cache-entry-size", "a piece of them"),
  count("refcount-cache-size", "reference counts in memory"),
  count("cache-clean-interval", "seconds until what is not used leaves memory", "600"),
  { "encrypt.format", kind = kind.one_of { "aes", "luks" }, doc = "encryption of the image" },
  { "encrypt.key-secret", kind = kind.ref "object", ref = "object",
    doc = "secret that is its key" },
}

for _, name in ipairs { "main-header", "active-l1", "active-l2", "refcount-table", "refcount-block",
  "snapshot-table", "inactive-l1", "inactive-l2", "bitmap-directory" } do
  table.insert(qcow2, on_off("overlap-check." .. name, "check against the " .. name))
end

local permissions = { "consistent-read", "write", "write-unchanged", "resize" }

return {
  raw = { file, count("offset", "where the data begin"), count("size", "how many there are") },
  qcow2 = qcow2,
  qcow = { file, backing,
    { "encrypt.format", kind = kind.one_of { "aes" }, doc = "encryption of the image" },
    { "encrypt.key-secret", kind = kind.ref "object", ref = "object",
      doc = "secret that is its key" } },
  qed = { file, backing },
  vmdk = { file, backing },
  luks = { file, secret, { "header", kind = kind.node, ref = "node", since = "9.0",
    doc = "node of a detached header" } },
  bochs = { file }, cloop = { file }, dmg = { file }, parallels = { file },
  vdi = { file }, vhdx = { file }, vpc = { file },

  compress = { file },
  ["snapshot-access"] = { file },
  ["copy-on-read"] = { file,
    { "bottom", kind = kind.ref "node", ref = "node", doc = "last node that is copied from" } },
  ["copy-before-write"] = { file, node("target", "node that gets the old data"),
    { "bitmap.node", kind = kind.ref "node", ref = "node",
      doc = "node of the bitmap of what to copy" },
    { "bitmap.name", kind = kind.text, doc = "name of that bitmap" },
    { "on-cbw-error", kind = kind.one_of { "break-guest-write",
      "break-snapshot" }, default = "break-guest-write",
      doc = "what fails when copying does" },
    count("cbw-timeout", "seconds that copying may take", "0"),
    { "min-cluster-size", kind = kind.size, since = "9.2", doc = "least that is copied" } },
  preallocate = { file, count("prealloc-align", "file lengths are multiples of it", "1048576"),
    count("prealloc-size", "how much is allocated at a time", "134217728") },
  throttle = { file, { "throttle-group", kind = kind.ref "object", ref = "object", required = true,
    doc = "group that limits it" } },
  replication = { file, { "mode", kind = kind.one_of { "primary", "secondary" }, required = true,
    doc = "side" },
    { "top-id", kind = kind.text, doc = "node at the top of the secondary's chain" } },
  quorum = {
    { "children.*", kind = kind.node, ref = "node", doc = "nodes that vote" },
    { "vote-threshold", kind = kind.int(1), required = true, doc = "votes that win" },
    on_off("blkverify", "two nodes that must agree", "off"), on_off("rewrite-corrupted",
      "losers are corrected", "off"),
    { "read-pattern", kind = kind.one_of { "quorum", "fifo" }, default = "quorum",
      doc = "who is read" },
  },
  blkdebug = {
    node("image", "node that is debugged"), { "config", kind = kind.file, doc = "file of rules" },
    count("align", "alignment of requests"), count("max-transfer", "largest request"),
    count("opt-write-zero", "alignment of zeroes"), count("max-write-zero",
      "most zeroes at a time"),
    count("opt-discard", "alignment of discards"), count("max-discard", "largest discard"),
    { "inject-error.*.event", kind = kind.word, doc = "when it fails" },
    { "inject-error.*.state", kind = kind.count, doc = "in which state" },
    { "inject-error.*.iotype", doc = "what fails",
      kind = kind.one_of { "read", "write", "write-zeroes", "discard", "flush", "block-status" } },
    { "inject-error.*.errno", kind = kind.count, doc = "how it fails" },
    { "inject-error.*.sector", kind = kind.int(-1), doc = "where it fails" },
    { "inject-error.*.once", kind = kind.on_off, doc = "only the first time" },
    { "inject-error.*.immediately", kind = kind.on_off, doc = "at once" },
    { "set-state.*.event", kind = kind.word, doc = "when the state changes" },
    { "set-state.*.state", kind = kind.count, doc = "from which" },
    { "set-state.*.new_state", kind = kind.count, doc = "to which" },
    { "take-child-perms.*", kind = kind.one_of(permissions), doc = "permissions that are taken" },
    { "unshare-child-perms.*", kind = kind.one_of(permissions),
      doc = "permissions that are not shared" },
  },
  blklogwrites = { file, node("log", "node that gets the log"), count("log-sector-size",
    "sectors of the log", "512"),
    on_off("log-append", "an old log is continued", "off"),
    count("log-super-update-interval", "writes between updates of its header", "4096") },
  blkverify = { node("test", "node that is tested"), node("raw", "node that is right") },
  blkreplay = { node("image", "node whose requests are replayed") },
}
