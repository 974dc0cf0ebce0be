-- SPDX-License-Identifier: MIT
-- Files that are read, written or made, and folders that are shared, by the words that kinds of
-- paths have (lunik.qemu.kind).
local kind = require "lunik.schema.kind"
local place = require "lunik.machine.look.place"

local file = {}

local show = kind.show

-- Whether something is there that may be read, as far as its kind is right: it, or nothing.
local function there(self, about, wanted)
  local path = self:absolute(about.value)
  local what = self.host.kind(path)
  if not what then
    self:say(about, "file-missing",
      kind.no_such(wanted, about.value, path, self.host))
  elseif wanted == "file" and what == "directory" then
    self:say(about, "file-kind", show(about.value) .. " is a directory")
  elseif wanted == "directory" and what ~= "directory" then
    self:say(about, "file-kind", ("%s is a %s, no directory"):format(
      show(about.value), what))
  else
    return path
  end
end

local function may(self, about, path, how, code)
  local ok, why = self.host.access(path, how)
  if ok then return true end
  self:say(about, code, ("%s cannot be %s by %s: %s"):format(show(about.value),
    how == "w" and "written" or how == "x" and "run" or how == "rx" and "looked into" or "read",
    self.host.user, why))
end

-- What is read.
function file.file(self, about)
  local path = there(self, about, "file")
  if path then may(self, about, path, "r", "file-unreadable") end
end

-- What is shared with the guest, or looked into.
function file.directory(self, about)
  local path = there(self, about, "directory")
  if path then may(self, about, path, "rx", "file-unreadable") end
end

-- A device of the host that is opened to be read and written.
function file.device(self, about)
  local path = there(self, about, "file")
  if path then may(self, about, path, "rw", "device-denied") end
end

-- Two fifos, or one for both ways, which QEMU opens and does not make.
function file.pipe(self, about)
  local path = self:absolute(about.value)
  if self.host.kind(path .. ".in") and self.host.kind(path .. ".out") then return end
  if self.host.kind(path) then return may(self, about, path, "rw", "file-unreadable") end
  self:say(about, "file-missing", ("no such fifo %s, nor %s.in and %s.out"):format(
    show(about.value), about.value, about.value))
end

-- A program that QEMU runs.
function file.program(self, about)
  local path = self:absolute(about.value)
  if self.host.kind(path) then return may(self, about, path, "x", "program-missing") end
  -- what is run at the end keeps nothing from starting
  local severity = about.key == "downscript" and "warning" or nil
  self:say(about, "program-missing", ("%s; 'no' runs none"):format(
    kind.no_such("program", about.value, path, self.host)), severity, "no")
end

-- What QEMU looks for by name in folders of its own, if it is not there as a path.
function file.searched(self, about)
  if self.host.kind(self:absolute(about.value)) then return file.file(self, about) end
  local folders = {}
  for _, entry in ipairs(self.list) do
    if entry.row.name == "L" then folders[#folders + 1] = self:absolute(entry.args[1]) end
  end
  local own = self.program and self.host.firmware_folders(self.program) or {}
  -- a QEMU that does not say where it looks may find it
  if #own == 0 then return end
  for _, folder in ipairs(table.move(own, 1, #own, #folders + 1, folders)) do
    if self.host.kind(folder .. "/" .. about.value) then return end
  end
  self:say(about, "file-missing", ("no such file %s, nor is there one in %s"):format(
    show(about.value), table.concat(folders, ", ")))
end

-- What is written, and made where it is not there.
function file.output(self, about)
  local path = self:absolute((about.value:gsub("%%d", "0")))
  local what = self.host.kind(path)
  if not what then return place(self, about, path) end
  if what == "directory" then
    self:say(about, "file-kind", show(about.value) .. " is a directory")
  else
    may(self, about, path, "w", "file-unwritable")
  end
end

local LEAST = 256 << 20          -- bytes: with less, a guest that writes stops soon

-- What lunik makes: an image or an overlay, which grows.
function file.made(self, about)
  local path = about.value
  if self.host.kind(path) then return end
  if about.args.keep and not place(self, about, path) then return end
  local above = path
  repeat above = above:match "^(.+)/[^/]*$" or "/" until above == "/" or self.host.kind(above)
  local room = self.host.room(above)
  if room and room < LEAST then
    self:add(about.key, path, "room-short", ("%s is left where %s grows"):format(
      kind.size.text(room >> 20 << 20), show(path)), "warning")
  end
end

-- A file that backs memory, or a folder to make one in.
function file.backing(self, about)
  local path = self:absolute(about.value)
  if self.host.kind(path) == "directory" then return place(self, about, path .. "/memory") end
  return file.output(self, about)
end

return file
