-- SPDX-License-Identifier: MIT
-- A directory shared by QEMU itself: no daemon, no shared memory, slower; the guest's
-- kernel needs 9p.
local kind = require "lunik.schema.kind"
local qemu = require "lunik.qemu"
local share = require "lunik.device.mount.share"

-- hw/9pfs/9p.h: MAX_TAG_LEN is 32 with its NUL
local longest_tag = 31

local ninep = {
  doc = "shared by QEMU itself: no daemon, slower, the guest needs 9p",
  fields = share.fields {
    { "security", kind = kind.one_of { "mapped-xattr", "mapped-file", "passthrough", "none" },
      default = "mapped-xattr",
        doc = "how owners and modes of the guest's files are kept (security_model)" },
  },
  needs = function() return { ports = 1 } end,
  fork = "share",
  no_plug = "a 9p mount cannot come while the machine runs: QEMU takes its directory at the start "
    .. "only; kind = \"virtiofs\" can",
}

function ninep.complete(mount) share.complete(mount, longest_tag) end

function ninep.check(mount) return share.check(mount, longest_tag) end

-- The models under which what the guest makes is what the host has.
local AS_IS = { passthrough = true, none = true }

function ninep.emit(plan, mount)
  local id = share.id(mount)
  share.let_through(plan, mount, AS_IS[mount.security] and { share.DEVICES, share.SUID } or {})
  plan:add(qemu.fsdev { "local", id = id, path = mount.from, security_model = mount.security,
    multidevs = "remap", readonly = mount.readonly or nil })
  local port = plan:port(id, "mount", mount.tag)
  plan:add(qemu.device { "virtio-9p-pci", id = id, bus = port.bus, addr = port.addr,
    fsdev = id, mount_tag = mount.tag })
  share.guest(plan, mount, {
    options = { "trans=virtio", "version=9p2000.L", "msize=262144" } })
end

return ninep
