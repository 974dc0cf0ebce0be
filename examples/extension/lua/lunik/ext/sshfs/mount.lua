-- SPDX-License-Identifier: MIT
-- A directory of a host that the guest reaches by ssh. The guest mounts it with its own sshfs, so
-- nothing is shared by this host; mount.fuse3(8) runs it.
local ext = require "lunik.ext"

local sshfs = {
  doc = "of any host that the guest reaches by ssh; the guest needs sshfs",
  no_plug = "the guest mounts it by itself at its start; vm:exec { \"mount\", … } does later",
  fork = "share",
  fields = {
    { "source", kind = ext.kind.string, required = true, doc = "USER@HOST:PATH, as sshfs has it" },
    { "to", kind = ext.mount.in_guest, required = true, doc = "where the guest mounts it" },
    { "tag", kind = ext.kind.string, doc = "what it is called; from the last part of `to`" },
    { "readonly", kind = ext.kind.bool, default = false, doc = "the guest cannot write" },
    { "reconnect", kind = ext.kind.bool, default = true, doc = "when the connection was lost" },
  },
}

function sshfs.complete(mount)
  mount.tag = mount.tag or mount.to and ext.name.from_path(mount.to, 36)
end

function sshfs.check(mount)
  if not mount.source:find "^[^@:]+@[^:]+:" then
    return nil, "source", ("USER@HOST:PATH expected, got '%s'"):format(mount.source)
  end
  return true
end

-- The guest of a clone goes on with a connection that its network does not know.
function sshfs.no_clone(mount)
  if mount.reconnect then return nil end
  return "its connection stays behind: reconnect = true makes a new one", "reconnect"
end

function sshfs.emit(plan, mount)
  plan:share { tag = mount.tag, type = "fuse.sshfs", source = mount.source, to = mount.to,
    readonly = mount.readonly, options = { mount.reconnect and "reconnect" or nil } }
end

return sshfs
