-- SPDX-License-Identifier: MIT
-- Images of disks: whether they are what is said, with all that they are built on, may be used, and
-- are nobody else's.
local holders = require "lunik.machine.look.holders"
local image = require "lunik.host.image"
local kind = require "lunik.schema.kind"
local truth = require "lunik.qemu.truth"

local show = kind.show

local LAYERS = 64          -- images, one on the other, that are looked at
local FIRMWARE = 8 << 20   -- hw/i386/pc_sysfw.c: FLASH_SIZE_LIMIT

-- Formats that begin with bytes of their own.
local has_magic = { qcow2 = true, vmdk = true, vhdx = true, qed = true, vdi = true }

-- block/file-posix.c: RAW_LOCK_PERM_BASE and RAW_LOCK_SHARED_BASE, and BLK_PERM_WRITE of block.h.
-- A writer is in the way of everybody, and whoever wants no writers is in a writer's.
local HAS_WRITE, NO_WRITERS = 100 + 1, 200 + 1

local function is_on(value) return value == true or truth[value] or false end

local function said_readonly(args)
  return is_on(args.readonly) or is_on(args["read-only"]) or is_on(args.read_only)
    or args.media == "cdrom" or is_on(args.snapshot)
end

-- The node that a protocol's node is the file of, by its name | nil
local function above(self, args)
  local name = args["node-name"] or args.node_name
  for _, entry in ipairs(name and self.list or {}) do
    if entry.row.name == "blockdev" and entry.args.file == name then return entry.args end
  end
end

local function is_global(self, option)
  for _, entry in ipairs(self.list) do
    if entry.row.name == option then return true end
  end
end

local function device_shares(self)
  for _, entry in ipairs(self.list) do
    if is_on(entry.args["share-rw"]) or is_on(entry.args.share_rw) then return true end
  end
end

-- By the option's name: how an image is used, { format | nil, readonly, free = others may have it,
-- guessed = QEMU has to tell the format itself }.
local uses = {}

function uses.blockdev(self, about)
  local args = about.args
  local top = about.key == "filename" and above(self, args) or args
  local driver = top[1] or top.driver
  local plain = top == args and about.key == "filename"
  return { format = not plain and driver or nil,
    readonly = said_readonly(args) or said_readonly(top),
    free = is_on(top["force-share"]) or is_on(args["force-share"]) or args.locking == "off" }
end

function uses.drive(_, about)
  local args = about.args
  local format = args.format or args.driver
  return { format = format, readonly = said_readonly(args), guessed = format == nil,
    free = is_on(args["force-share"]) or args["file.locking"] == "off", pflash = args["if"]
      == "pflash" }
end

-- The base of an overlay that lunik makes.
function uses.base(_, about) return { format = about.args.format, readonly = true } end

function uses.cdrom() return { readonly = true } end

local function whole() return { guessed = true } end
for _, name in ipairs { "fda", "fdb", "hda", "hdb", "hdc", "hdd", "mtdblock", "sd" } do
  uses[name] = whole
end
function uses.pflash() return { format = "raw", pflash = true } end

local function is_usable(self, about, path, use)
  local host, what = self.host, self.host.kind(path)
  if not what then
    self:say(about, "file-missing", kind.no_such("file", about.value, path, host))
  elseif what ~= "file" and what ~= "device" then
    self:say(about, "file-kind", ("%s is a %s"):format(show(about.value), what))
  else
    local ok, why = host.access(path, use.readonly and "r" or "rw")
    if ok then return true end
    local only = not use.readonly and host.access(path, "r")
    self:say(about, only and "file-unwritable" or "file-unreadable",
      ("%s cannot be %s by %s: %s%s"):format(show(about.value), only and "written" or "read",
        host.user, why, only and "; readonly='on' has it read only" or ""),
      nil, only and "on" or nil)
  end
end

local function is_of_format(self, about, head, use)
  local looks = image.looks_like(head)
  if use.format and has_magic[use.format] and looks ~= use.format then
    self:say(about, "image-format", ("%s is not a %s image: %s"):format(show(about.value),
      use.format, looks and ("it looks like '%s'"):format(looks)
      or #head == 0 and "it is empty" or "it looks like 'raw'"), nil, looks or "raw")
    return
  end
  if use.format == "raw" and looks then
    self:say(about, "image-format", ("%s looks like '%s', and is used as raw: the guest would see "
      .. "the image's own header"):format(show(about.value), looks), "warning")
  elseif use.guessed then
    self:say(about, "image-guessed", ("the format of %s is left to guessing by its first bytes, "
      .. "which a guest can write: say format='%s'"):format(show(about.value), looks or "raw"),
      "warning")
  elseif #head == 0 and not use.readonly then
    self:say(about, "image-empty", show(about.value) .. " is empty: the guest gets a disk of no "
      .. "size", "warning")
  end
  return use.format or looks or "raw"
end

-- The path that a header means; nil for what only QEMU could open, such as "nbd://…".
local function resolved(name, folder)
  name = name:gsub("^file:", "")
  if name:find "^/" then return name end
  return not name:find "^[^/]*:" and folder .. "/" .. name or nil
end

-- What an image stands on: all that is named has to be there, and to be read.
local function chain(self, about, path, format)
  local host, seen = self.host, {}
  for _ = 1, LAYERS do
    if seen[host.real(path)] then
      return self:say(about, "image-base", show(path) .. " is its own base image")
    end
    seen[host.real(path)] = true
    local head = image.head(path, format, host)
    local said = head and image.read(format or image.looks_like(head), head) or {}
    local base = said.backing and resolved(said.backing, path:match "^(.*)/")
    if not base then return end
    if not host.kind(base) then
      return self:say(about, "image-base", ("the base image of %s is missing: %s"):format(
        path:match "[^/]*$", show(said.backing)))
    end
    local ok, why = host.access(base, "r")
    if not ok then
      return self:say(about, "image-base", ("the base image of %s cannot be read by %s: %s: %s")
        :format(path:match "[^/]*$", host.user, show(said.backing), why))
    end
    path, format = base, said.backing_format
  end
end

-- Whether two disks of the machine would have it, one of them to write.
local function once(self, about, path, use)
  local real = self.host.real(path)
  local before = self.images[real]
  self.images[real] = before or { readonly = use.readonly, entry = self.entry }
  local shared = use.free or device_shares(self)
  if not before or use.readonly and before.readonly or shared then return end
  self:say(about, "image-twice", ("%s is used twice, and written: QEMU lets one disk have it")
    :format(show(about.value)))
end

local function is_free(self, about, path, use)
  if use.free or device_shares(self) or self.host.kind(path) ~= "file" then return end
  local bytes = use.readonly and { HAS_WRITE } or { HAS_WRITE, NO_WRITERS }
  local holder = self.host.users.of_lock(path, bytes)
  if holder then
    local who, severity = holders.who(holder, self.name)
    self:say(about, "image-locked", ("%s is in use%s"):format(show(about.value), who), severity)
  end
end

-- The flash of a PC holds all firmware together.
local function flash(self, about, path)
  local found = self.host.stamp(path)
  local bytes = found and found.bytes
  if not bytes or self.arch ~= "x86_64" and self.arch ~= "i386" then return end
  self.flash = (self.flash or 0) + bytes
  if self.flash > FIRMWARE then
    self:say(about, "firmware-large", ("%s has %s: the firmware of a PC has at most 8M in all")
      :format(show(about.value), kind.size.text(bytes)))
  end
end

local looks = {}

function looks.image(self, about)
  if about.value:find "^[^/]*:" then return end
  local path, row = self:absolute(about.value), self.entry.row.name
  local use = uses[row] and uses[row](self, about) or { readonly = true }
  use.readonly = use.readonly or is_global(self, "snapshot")
  if not is_usable(self, about, path, use) then return end
  local head = image.head(path, use.format, self.host)
  local format = head and is_of_format(self, about, head, use)
  if not format then return end
  chain(self, about, path, format)
  once(self, about, path, use)
  is_free(self, about, path, use)
  if use.pflash then flash(self, about, path) end
end

return looks
