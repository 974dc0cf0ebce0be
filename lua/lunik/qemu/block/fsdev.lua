-- SPDX-License-Identifier: MIT
-- -fsdev and -virtfs: directories for 9p.
local kind = require "lunik.qemu.kind"
local throttling = require "lunik.qemu.block.throttling"

local underscores = { security_model = true, sock_fd = true, mount_tag = true, max_xattr = true }

local shared = {
  { "id", kind = kind.id, doc = "id of the file system" },
  { "readonly", kind = kind.on_off, default = "off", doc = "the guest cannot write" },
  { "writeout", kind = kind.one_of { "immediate" },
    doc = "writes are through when the guest hears of them" },
  { "max_xattr", kind = kind.count, since = "10.0", default = "1024",
    doc = "extended attributes open at a time" },
}

local function forms(more)
  local by = {
    ["local"] = {
      { "path", kind = kind.folder, required = true, doc = "the directory" },
      { "security_model", kind = kind.one_of { "mapped-xattr", "mapped", "mapped-file",
        "passthrough", "none" },
        required = true, doc = "where owners and permissions are kept" },
      { "fmode", kind = kind.mode, default = "0600",
        doc = "permissions of new files, when mapped" },
      { "dmode", kind = kind.mode, default = "0700",
        doc = "permissions of new directories, when mapped" },
      { "multidevs", kind = kind.one_of { "remap", "forbid", "warn" },
        doc = "what happens where other file systems are mounted below" },
    },
    proxy = {
      removed = "9.2", deprecated = "use local",
      { "socket", kind = kind.peer, doc = "socket of virtfs-proxy-helper" },
      { "sock_fd", kind = kind.count, doc = "descriptor of that socket" },
    },
    synth = {},
  }
  table.move(more, 1, #more, #by["local"] + 1, by["local"])
  return by
end

local tagged = { { "mount_tag", kind = kind.text, required = true,
  doc = "name that the guest mounts, at most 31 bytes" } }
table.move(shared, 1, #shared, 2, tagged)

return {
  { "fsdev", grammar = "opts", implied = "fsdriver", order = { "fsdriver", "id", "path" },
    underscores = underscores, keys = shared, by = forms(throttling.keys), defines = "fsdev",
    doc = "a directory for a virtio-9p device", source = "qemu-options.hx, fsdev/qemu-fsdev-opts.c",
    examples = { { "local", id = "fs0", path = "/srv", security_model = "mapped-xattr" } } },

  { "virtfs", grammar = "opts", implied = "fsdriver", order = { "fsdriver", "path", "mount_tag" },
    underscores = underscores, keys = tagged, by = forms {}, defines = "fsdev",
    doc = "a directory and its virtio-9p device",
      source = "qemu-options.hx, fsdev/qemu-fsdev-opts.c",
    examples = { { "local", path = "/srv", mount_tag = "srv", security_model = "none" } } },
}
