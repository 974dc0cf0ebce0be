-- SPDX-License-Identifier: MIT
-- What the kinds of mount share: where from, where to, under which tag.
local check = require "lunik.schema.check"
local kind = require "lunik.schema.kind"
local name = require "lunik.device.name"

local share = {}

-- A path of the guest's, for `to`.
share.in_guest = kind.guest_path

-- The fields of every mount, followed by those of a kind.
function share.fields(own)
  local fields = {
    { "from", kind = kind.path "directory", required = true, example = 'from = "."',
      doc = "directory of the host" },
    { "to", kind = share.in_guest,
      example = 'to = "/work"',
      doc = "where the guest mounts it; left out, the guest does that itself" },
    { "tag", kind = kind.string,
      example = 'tag = "work"',
      doc = "the name the guest mounts it by; from the last part of `to`, else of `from`" },
    { "readonly", kind = kind.bool, default = false,
      doc = "the guest cannot write, whatever it is" },
  }
  for _, row in ipairs(own) do fields[#fields + 1] = row end
  return fields
end

function share.complete(mount, most)
  local path = mount.to or mount.from
  mount.tag = mount.tag or path and name.from_path(path, most)
end

function share.check(mount, most)
  if not mount.tag then return true end
  if mount.tag == "" then return nil, "tag", "cannot be empty" end
  if #mount.tag > most then
    return nil, "tag", ("'%s' has %d bytes; a %s tag has at most %d"):format(mount.tag, #mount.tag,
      mount.kind, most)
  end
  return true
end

-- An id of QEMU's from a tag, which may be any text; it names a socket too, so it is short.
function share.id(mount)
  if mount.tag:find "^[%w._-]+$" then return "fs-" .. mount.tag end
  return ("fs.%s-%08x"):format(mount.tag:gsub("[^%w._-]", "-"):sub(1, 20), name.hash(mount.tag))
end

-- Notes what a guest may leave in the directory, where it is the host's root who makes it.
function share.let_through(plan, mount, what)
  if plan.host.uid ~= 0 or mount.readonly or #what == 0 then return end
  plan:note(("mount '%s': lets the guest make %s in %s, which count on this host"):format(mount.tag,
    table.concat(what, " and "), mount.from))
end

share.DEVICES, share.SUID = "device nodes", "files that run as their owner"

-- What the guest mounts. more: options, those of its mount(8); daemon, whether one of ours serves
-- it, so that inodes have the host's numbers in the guest; aside, whether its place is made for it
-- alone, and goes with it.
function share.guest(plan, mount, more)
  plan:share { tag = mount.tag, type = mount.kind, from = mount.from, to = mount.to,
    options = more.options, daemon = more.daemon, aside = more.aside,
    at = mount.at and check.place(mount.at),
    readonly = mount.readonly, owner = mount.owner, on_death = mount.on_death,
    devices = mount.devices or nil, suid = mount.suid or nil }
end

return share
