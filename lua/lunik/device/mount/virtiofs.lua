-- SPDX-License-Identifier: MIT
-- A directory shared by virtiofsd. Its socket comes as a descriptor, its directory is
-- prepared in the daemon's own mount namespace, so that the daemon parses no path.
local kind = require "lunik.kind"
local qemu = require "lunik.qemu"
local share = require "lunik.device.mount.share"

-- virtio-fs, 5.11.4: the tag is 36 bytes
local longest_tag = 36

local virtiofs = {
  doc = "shared by virtiofsd: fast, POSIX semantics, needs shared guest memory",
  fields = share.fields {
    { "cache", kind = kind.one_of { "auto", "never", "always" }, default = "auto",
      doc = "how far the guest may trust what it has read" },
  },
  needs = function() return { shared_memory = true, ports = 1 } end,
}

function virtiofs.complete(mount) share.complete(mount, longest_tag) end

function virtiofs.check(mount) return share.check(mount, longest_tag) end

-- The C daemon knows only -o; the Rust one has options of its own.
local flags = {
  c = function(at, mount)
    local cache = { auto = "auto", never = "none", always = "always" }
    return { "-f", "-o", "source=" .. at, "-o", "cache=" .. cache[mount.cache], "-o", "xattr" }
  end,
  rust = function(at, mount)
    return { "--shared-dir", at, "--cache", mount.cache, "--xattr" }
  end,
}

local function daemon(plan, mount, id)
  local program = plan:program "virtiofsd"
  local at = plan:runtime_file "export"
  local argv = { program.path, table.unpack(flags[program.make](at, mount)) }
  argv[#argv + 1] = "--fd=3"
  return plan:helper { name = id, kind = "virtiofsd", argv = argv,
    listen = { fd = 3, path = plan:runtime_file(id .. ".sock") },
    share = { from = mount.from, at = at, readonly = mount.readonly },
      log = plan:log_file(id .. ".log"),
    means = ("the mount '%s' is taken from the guest"):format(
      mount.tag) }
end

local function emit(plan, mount)
  local id = share.id(mount)
  local helper = daemon(plan, mount, id)
  plan:descriptor { name = id, kind = "connect", helper = id }
  plan:add(qemu.chardev { "socket", id = id,
    path = qemu.descriptor(id, { "path", helper.listen.path }, { "fd", "%d" }) })
  local port = plan:port(id, "mount", mount.tag)
  plan:add(qemu.device { "vhost-user-fs-pci", id = id, bus = port.bus, addr = port.addr,
    ["queue-size"] = 1024, chardev = id, tag = mount.tag })
  share.guest(plan, mount)
end

virtiofs.emit, virtiofs.plug = emit, emit

return virtiofs
