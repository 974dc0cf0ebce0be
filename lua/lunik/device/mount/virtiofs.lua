-- SPDX-License-Identifier: MIT
-- A directory shared by virtiofsd. Its socket comes as a descriptor, its directory is
-- prepared in the daemon's own mount namespace, so that the daemon parses no path.
local kind = require "lunik.schema.kind"
local qemu = require "lunik.qemu"
local share = require "lunik.device.mount.share"

-- virtio-fs, 5.11.4: the tag is 36 bytes
local longest_tag = 36

local function whole(text)
  local number = #text <= 10 and math.tointeger(tonumber(text))
  return number and number < 0xffffffff and number
end

local owner = { name = "owner", argname = "UID:GID", expects = 'uid:gid, such as "1000:1000"' }

function owner.read(value)
  local uid, gid = tostring(value):match "^(%d+):?(%d*)$"
  if uid and gid == "" then gid = uid end
  if uid and whole(uid) and whole(gid) then return ("%d:%d"):format(uid, gid) end
  return nil, 'uid:gid expected, such as "1000:1000", got ' .. kind.show(value)
end

local virtiofs = {
  doc = "shared by virtiofsd: fast, POSIX semantics, needs shared guest memory",
  fields = share.fields {
    { "cache", kind = kind.one_of { "auto", "never", "always" }, default = "auto",
      doc = "how far the guest may trust what it has read" },
    { "owner", kind = owner,
      example = 'owner = "1000:1000"',
      doc = "who the directory's owner is in the guest; they change places there" },
    { "xattr", kind = kind.bool, default = true, doc = "extended attributes" },
    { "posix_acl", kind = kind.bool, default = false, doc = "POSIX ACLs; takes xattr" },
    { "announce_submounts", kind = kind.bool,
      doc = "what is mounted below is a mount in the guest too; left out, the daemon decides" },
    { "devices", kind = kind.bool, default = false,
      doc = "where lunik runs as root: the guest may make device nodes, which are the host's too" },
    { "suid", kind = kind.bool, default = false,
      doc = "where lunik runs as root: the guest may make files that run as their owner or group, "
        .. "or with capabilities, on the host too; without it nothing gets those bits by chmod, "
        .. "not even a directory, and a file that is written to loses them; one that is there can "
        .. "be moved and linked as it is" },
    { "on_death", kind = kind.one_of { "report", "stop", "remount" }, default = "report",
      doc = "what follows when its daemon dies: its device is taken from the guest in any case" },
  },
  needs = function() return { shared_memory = true, ports = 1 } end,
  fork = "share",
  -- its daemon has no state that QEMU could write down: where a saved machine goes on it comes last
  comes_after = true,
}

function virtiofs.no_clone(_, asked)
  return asked.private and "its daemon writes to the guest's memory, and private memory is that of "
    .. "all clones: --memory copied" or nil
end

function virtiofs.complete(mount) share.complete(mount, longest_tag) end

-- Checks that the owner can be had: an ordinary user needs further ids for any other than root.
local function check_owner(mount, host)
  if not mount.owner or mount.owner == "0:0" or host.uid == 0 then return true end
  local ids, why = host.subids()
  if ids then return true end
  return nil, "owner", ("'%s' cannot be had by an ordinary user: %s; root, \"0:0\", can")
    :format(mount.owner, why)
end

function virtiofs.check(mount, context)
  local ok, field, why = check_owner(mount, context.host)
  if not ok then return nil, field, why end
  if mount.posix_acl and not mount.xattr then
    return nil, "posix_acl", "takes xattr = true: ACLs are extended attributes"
  end
  return share.check(mount, longest_tag)
end

-- A list of the values that are neither nil nor false, lists among them spliced.
local function given(...)
  local out = {}
  for i = 1, select("#", ...) do
    local each = select(i, ...)
    if type(each) == "table" then
      table.move(each, 1, #each, #out + 1, out)
    elseif each then
      out[#out + 1] = each
    end
  end
  return out
end

-- What the daemon can do without: an ordinary user's has none of it over the host anyway. What
-- makes an overlay's whiteouts (character 0:0) and FIFOs takes no capability. Without fsetid the
-- host's kernel takes the bits from a file that is written to.
local function dropped(mount, root)
  if not root or mount.devices and mount.suid then return nil end
  return table.concat(given(not mount.devices and "-mknod",
                            not mount.suid and { "-setfcap", "-fsetid" }), ":")
end

-- The C daemon knows only -o; the Rust one has options of its own.
local flags = {
  c = function(at, mount, less)
    local cache = { auto = "auto", never = "none", always = "always" }
    return given("-f", "-o", "source=" .. at, "-o", "cache=" .. cache[mount.cache],
      mount.xattr and { "-o", "xattr" }, mount.posix_acl and { "-o", "posix_acl" },
      mount.announce_submounts and { "-o", "announce_submounts" },
      less and { "-o", "modcaps=" .. less })
  end,
  rust = function(at, mount, less)
    return given("--shared-dir", at, "--cache", mount.cache,
      mount.xattr and "--xattr", mount.posix_acl and "--posix-acl",
      mount.announce_submounts and "--announce-submounts",
      mount.announce_submounts == false and "--no-announce-submounts",
      less and "--modcaps=" .. less)
  end,
}

local function let_through(plan, mount)
  share.let_through(plan, mount, given(mount.devices and share.DEVICES,
                                       mount.suid and share.SUID))
end

local function daemon(plan, mount, id)
  local program = plan:program "virtiofsd"
  local at, root = plan:runtime_file "export", plan.host.uid == 0
  local less = dropped(mount, root)
  local argv = { program.path, table.unpack(flags[program.make](at, mount, less)) }
  argv[#argv + 1] = "--fd=3"
  return plan:helper { name = id, kind = "virtiofsd", argv = argv,
    listen = { fd = 3, path = plan:runtime_file(id .. ".sock") },
    share = { from = mount.from, file = mount.file, fd = mount.fd, at = at,
              readonly = mount.readonly, owner = mount.owner },
      log = plan:log_file(id .. ".log"), refuses = root and not mount.suid and "suid" or nil,
    means = ("the mount '%s' is taken from the guest"):format(
      mount.tag) }
end

local function emit(plan, mount)
  local id = share.id(mount)
  let_through(plan, mount)
  local helper = daemon(plan, mount, id)
  plan:descriptor { name = id, kind = "connect", helper = id }
  plan:add(qemu.chardev { "socket", id = id,
    path = qemu.descriptor(id, { "path", helper.listen.path }, { "fd", "%d" }) })
  local port = plan:port(id, "mount", mount.tag)
  plan:add(qemu.device { "vhost-user-fs-pci", id = id, bus = port.bus, addr = port.addr,
    ["queue-size"] = 1024, chardev = id, tag = mount.tag })
  share.guest(plan, mount, { daemon = true, aside = mount.fd ~= nil or nil })
end

virtiofs.emit, virtiofs.plug = emit, emit

-- The mount of a single file that is open, for whoever copies it there: in the directory `to`
-- and with nothing beside it there. No recipe has one.
function virtiofs.lent(path, fd, tag, to)
  return { family = "mount", kind = "virtiofs", row = virtiofs, tag = tag, to = to, file = path,
           fd = fd, readonly = true, cache = "auto", xattr = false, announce_submounts = false }
end

return virtiofs
