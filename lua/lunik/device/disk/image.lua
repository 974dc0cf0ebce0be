-- SPDX-License-Identifier: MIT
-- A disk in an image file or on a block device of the host.
local chain = require "lunik.device.disk.chain"
local drive = require "lunik.device.cdrom.drive"
local format = require "lunik.device.disk.format"
local frozen = require "lunik.store.frozen"
local ide = require "lunik.device.ide"
local kind = require "lunik.schema.kind"
local medium = require "lunik.device.cdrom.medium"
local name = require "lunik.device.name"
local overlay = require "lunik.device.disk.overlay"
local qemu = require "lunik.qemu"
local tuning = require "lunik.device.disk.tuning"

local image = {
  doc = "an image file, used as it is or under an overlay",
  fields = {
    { "file", kind = kind.path(), required = true, example = 'file = "debian-13.qcow2"',
      doc = "the image" },
    { "format", kind = kind.one_of(format.names),
      example = 'file = "disk.img", format = "raw"',
      doc = "of the file; told from its name, never guessed from bytes a guest wrote" },
    { "overlay", kind = kind.either(kind.bool, kind.path()), default = false,
      example = "overlay = true",
      doc = "true: writes are thrown away at the end; a path: kept there" },
    { "backing", kind = chain.kind,
      example = 'backing = "/images/base.qcow2"',
      doc = "files outside the image's folder that its header may name: base images and the like" },
    { "size", kind = kind.size,
      example = 'file = "data.qcow2", create = true, size = "20G"',
      doc = "with create: of the image; with overlay: of the overlay, no less than its base" },
    { "create", kind = kind.bool, default = false,
      example = 'file = "data.qcow2", create = true, size = "20G"',
      doc = "make the image if it is not there" },
    { "readonly", kind = kind.bool, default = false, doc = "the guest cannot write" },
    { "bus", kind = kind.one_of { "virtio", "scsi", "nvme", "sata", "ide", "usb" },
      default = "virtio", doc = "what it is plugged into" },
    { "id", kind = kind.id, example = 'id = "root"', doc = "from the file's name" },
    { "serial", kind = kind.string, example = 'serial = "data-1"',
      doc = "serial number that the guest sees" },
    { "boot", kind = kind.int(0, 255), example = "boot = 1",
      doc = "boot order, lowest first (bootindex)" },
    { "discard", kind = kind.bool, default = true,
      doc = "blocks that the guest discards are freed" },
    { "install", kind = medium.kind,
      example = 'file = "new.qcow2", create = true, size = "20G", install = "debian-13.iso"',
      doc = "an installer's .iso: it boots while the disk cannot, "
      .. "such as an empty one" },
  },
}
table.move(tuning.fields, 1, #tuning.fields, #image.fields + 1, image.fields)
image.fork = "new"

-- Where every start is a clone, nobody would expect an image to stay as it is.
function image.no_clone(disk, asked)
  if not asked.template or disk.overlay == true or disk.readonly then return nil end
  return "what a clone of a template writes is thrown away: overlay = true says so, and leaves the "
    .. "image as it is", disk.overlay and "overlay" or "file"
end

-- QEMU takes node names of up to 31 bytes; the file's node is the id and "-file".
local longest = 26

function image.complete(disk, context)
  if context.in_box and context.written.bus == nil then disk.bus = context.in_box.disk end
  disk.id = disk.id or disk.file and name.from_path(disk.file, longest)
  disk.format = disk.format or disk.file and format.of_name(disk.file)
end

-- Holds an image that is there, with all that it stands on.
local function chain_is_right(disk, field, path, form, host)
  if not host.kind(path) then return true end
  local ok, why = chain.check(path, form, { disk.file, table.unpack(disk.backing or {}) }, host)
  if ok then return true end
  return nil, field, why
end

local one_on = { sata = "a sata", ide = "an ide" }

-- A disk of a saved machine is nobody else's until that has gone on.
local function is_free(disk, context)
  local own = disk.overlay ~= true and not disk.readonly
  local path = type(disk.overlay) == "string" and disk.overlay or disk.file
  local field = path == disk.file and "file" or "overlay"
  local mine = context.saved
  local over = own and path and mine and mine ~= "any" and frozen.over(path, context.host)
  if over then
    return nil, field, ("%s has moved on: what was written to it since is in %s still, until "
      .. "lunik up puts it in"):format(kind.show(path:match "[^/]*$"), over)
  end
  local dir = own and path and frozen.by(path, context.host, mine and mine ~= "any" and mine.dir)
  if not dir or mine == "any" or mine and mine.dir == dir then return true end
  return nil, field, ("%s %s"):format(kind.show(path:match "[^/]*$"), frozen.told(dir))
end

local function files_are_right(disk, context)
  local host = context.host
  local ok, field, why = is_free(disk, context)
  if ok then ok, field, why = format.check(disk, context) end
  if ok then ok, field, why = chain_is_right(disk, "file", disk.file, disk.format, host) end
  if ok and disk.overlay then ok, field, why = overlay.check(disk, host) end
  if ok and type(disk.overlay) == "string" then
    ok, field, why = chain_is_right(disk, "overlay", disk.overlay, "qcow2", host)
  end
  return ok, field, why
end

-- An .iso is somebody's installer or a seed, whatever the guest may want of it.
local function medium_is_right(disk, context)
  local written = context.written.file
  if disk.file and disk.file:lower():find "%.iso$" and not disk.readonly and not disk.overlay then
    return nil, "file", ("%s would be written: cdrom { file = %q } is a drive for it, and readonly "
      .. "= true keeps it as it is"):format(kind.show(written), written)
  end
  if not disk.install then return true end
  if context.running then return nil, "install", "is for the start of a machine" end
  if disk.readonly then return nil, "install", "has nowhere to go: the disk is readonly" end
  if disk.overlay == true then
    return nil, "install", "would be lost: overlay = true throws away what is written"
  end
  local ok, why = medium.check(disk.install, context.written.install, context.host)
  return ok, "install", why
end

function image.check(disk, context)
  if disk.id and #disk.id > longest then
    return nil, "id", ("at most %d characters"):format(longest)
  end
  if disk.overlay and disk.readonly then
    return nil, "overlay", "a disk cannot be both readonly and have an overlay for its writes"
  end
  if disk.create and not disk.size then
    return nil, "create", "needs a size, such as size = \"20G\""
  end
  if disk.size and not disk.create and not disk.overlay then
    return nil, "size", "is for create = true or an overlay; this image has its own"
  end
  if disk.serial and #disk.serial > 20 then
    return nil, "serial", "QEMU cuts it after 20 characters"
  end
  if ide.is(disk.bus) and context.running then
    return nil, "bus", ("%s disk cannot come while the machine runs; virtio, scsi, nvme, usb can")
      :format(one_on[disk.bus])
  end
  if ide.is(disk.bus) and disk.readonly then
    return nil, "readonly", ("%s disk cannot be; use bus = \"scsi\""):format(one_on[disk.bus])
  end
  local ok, field, why = tuning.check(disk)
  if ok then ok, field, why = medium_is_right(disk, context) end
  if ok then ok, field, why = files_are_right(disk, context) end
  return ok, field, why
end

local frontends = {
  virtio = { driver = "virtio-blk-pci" },
  scsi = { driver = "scsi-hd", scsi = true },
  nvme = { driver = "nvme" },
  sata = { driver = "ide-hd" },
  ide = { driver = "ide-hd" },
  usb = { driver = "usb-storage", usb = true },
}

-- The installer's drive comes after the disk in boot order: firmware passes over a disk with
-- nothing on it, and a disk that boots is not installed again.
local function installer(disk, machine)
  if machine.kernel then
    return nil, "install", "the machine boots its kernel = directly, and no installer"
  end
  disk.boot = disk.boot or 0
  disk.installer = { id = disk.id:sub(1, 18) .. "-install", file = disk.install,
                     boot = disk.boot + 1 }
  drive.settle(disk.installer, machine)
  return true
end

function image.join(disk, machine)
  local ok, field, why = true, nil, nil
  if disk.install then ok, field, why = installer(disk, machine) end
  if ok then ok, field, why = ide.join(disk, machine) end
  return ok, field, why
end

function image.needs(disk)
  local front = frontends[disk.bus]
  return { scsi = front.scsi or disk.installer and drive.needs(disk.installer).scsi,
           usb = front.usb }
end

-- What a saved machine has written to a disk that goes with it is in its folder: a copy of that, or
-- what lies above it in a clone, whose own it is not.
local function of_saved(plan, disk)
  local saved = plan.saved and plan.saved.copies[disk.id]
  if not saved then return nil end
  if disk.overlay ~= true then return saved, "qcow2" end
  local path = plan:state_file(disk.id .. ".overlay.qcow2")
  plan:file { kind = plan.saved.fork and "overlay" or "copy", path = path, base = saved,
    base_format = "qcow2", keep = false, system = disk.system }
  return path, "qcow2"
end

-- What a machine that went on has written above its disk, and nobody has put into it yet.
local function overdue(plan, disk)
  local path = type(disk.overlay) == "string" and disk.overlay or disk.file
  local over = not plan.saved and disk.overlay ~= true and frozen.over(path, plan.host)
  if over then plan:file { kind = "commit", path = over, base = path, keep = true } end
end

-- Where an image lies: at its path, or where a copy stands for it. What is plugged has no machine's
-- plan about it.
local function image_at(plan, path)
  local images = plan.machine and plan.machine.images
  return images and images[path] or path
end

local function files(plan, disk)
  overdue(plan, disk)
  local copy, form = of_saved(plan, disk)
  if copy then return copy, form end
  if disk.overlay then
    local kept = disk.overlay ~= true
    local path = kept and image_at(plan, disk.overlay)
                 or plan:state_file(disk.id .. ".overlay.qcow2")
    -- one that is kept names its base in its header
    local base = kept and disk.file or image_at(plan, disk.file)
    plan:file { kind = "overlay", path = path, base = base, base_format = disk.format,
      size = disk.size, keep = kept, system = disk.system, doubt = disk.doubt }
    if disk.doubt then plan:note(disk.doubt) end
    return path, "qcow2"
  end
  if disk.create then
    plan:file { kind = "image", path = disk.file, size = disk.size, format = disk.format,
      keep = true, system = disk.system }
  end
  return disk.readonly and image_at(plan, disk.file) or disk.file, disk.format
end

-- The bus and the place on it, where there is a choice.
local function seat(plan, disk)
  local front = frontends[disk.bus]
  if front.scsi then return { bus = "scsi.0" } end
  if front.usb then return { bus = "usb.0" } end
  if ide.is(disk.bus) then return ide.seat(disk) end
  return plan:place(disk.id, "disk", disk.id)
end

-- A saved machine goes on above its disk, which stays what it was until all is well
-- (lunik.vm.commit): the name of the node on top.
local function above(plan, disk, row)
  local top = disk.id .. "-top"
  local path = plan:state_file(disk.id .. ".restored.qcow2")
  row.top, row.over = top, path
  plan:file { kind = "overlay", path = path, base = row.path, base_format = row.format,
    keep = false }
  plan:add(qemu.blockdev { driver = "file", ["node-name"] = top .. "f", filename = path,
    discard = disk.discard and "unmap" or nil })
  plan:add(qemu.blockdev { driver = "qcow2", ["node-name"] = top, file = top .. "f",
    backing = disk.id, discard = disk.discard and "unmap" or nil })
  return top
end

-- The nodes of the file and of its format: the name of the node on top.
local function nodes(plan, disk)
  local path, form = files(plan, disk)
  if disk.system then
    plan.provisioned, plan.system_disk = plan:state_file "provisioned.json", path
  end
  local row = { id = disk.id, path = path, format = form, readonly = disk.readonly or nil,
    passing = disk.overlay == true or nil, base = disk.overlay and disk.file or nil }
  plan:has_disk(row)
  local file = { driver = plan.host.kind(path) == "device" and "host_device" or "file",
    ["node-name"] = disk.id .. "-file", filename = path }
  local format_node = { driver = form, ["node-name"] = disk.id, file = disk.id .. "-file" }
  local fresh = plan.saved and not disk.readonly and disk.overlay ~= true
  for _, node in ipairs { file, format_node } do
    node["read-only"] = disk.readonly or nil
    node.discard = disk.discard and "unmap" or nil
  end
  tuning.nodes(disk, file, format_node)
  if fresh then file["auto-read-only"], format_node["read-only"] = true, true end
  plan:add(qemu.blockdev(file))
  plan:add(qemu.blockdev(format_node))
  return fresh and above(plan, disk, row) or disk.id
end

function image.emit(plan, disk)
  local at = seat(plan, disk)
  local top = nodes(plan, disk)
  local args = { frontends[disk.bus].driver, id = disk.id, drive = top,
    bus = at.bus, addr = at.addr, unit = at.unit, bootindex = disk.boot,
    serial = disk.serial or disk.bus == "nvme" and disk.id:sub(1, 20) or nil }
  tuning.device(plan, disk, args)
  plan:add(qemu.device(args))
  if disk.installer then drive.emit(plan, disk.installer) end
end

image.plug = image.emit

return image
