-- SPDX-License-Identifier: MIT
-- What the QEMU of this host knows, whole. A binary is asked once; its answers lie in one file of
-- the cache, of which is read what is wanted. The rows of each kind are told in gather.lua.
--   caps(path) -> knowledge | nil, why
--   knowledge:section(kind, name) -> rows | false: there is none | nil: nobody knows
--   knowledge:properties(kind, name) -> { name = row, … } | false | nil
--   knowledge:names(kind) -> those there are, in order
local cache = require "lunik.host.cache"
local facts = require "lunik.host.facts"
local fcntl = require "posix.fcntl"
local stat = require "posix.sys.stat"
local store = require "lunik.host.caps.store"
local unistd = require "posix.unistd"
local version = require "lunik.version"

-- The variable that names a QEMU which may be asked wherever it lies.
local variable = "LUNIK_QEMU"

-- Where distributions put QEMU's modules, and the variable that QEMU looks at itself
-- (util/module.c).
local MODULES = { "/usr/lib/x86_64-linux-gnu/qemu", "/usr/lib/aarch64-linux-gnu/qemu",
  "/usr/lib/qemu", "/usr/lib64/qemu", "/usr/lib64/qemu-kvm" }

local KEPT = 8             -- binaries that are remembered
local TRIES = 3            -- how often one is asked that is replaced meanwhile

local function is_qemu(path)
  local base = path:match "[^/]+$" or ""
  return base:find "^qemu%-system%-" or base == "qemu-kvm"
end

-- Whether a binary may be asked: being read, a recipe runs nothing that only it names. It has to
-- be called as QEMU is, and to lie where programs are installed; or its owner has said so.
local function trusted(path)
  local real, allowed = facts.real(path), facts.env(variable)
  if allowed and allowed ~= "" and facts.real(allowed) == real then return true end
  if not is_qemu(path) then return false end
  local found = facts.program(path:match "[^/]+$")
  if found and facts.real(found) == real then return true end
  return is_qemu(real) and (real:find "^/usr/" or real:find "^/opt/") ~= nil
end

local function times(path)
  local found = path and stat.stat(path)
  return found and ("%d.%d"):format(found.st_mtime, found.st_ctime) or "-"
end

-- What its answers depend on: the file, its modules, the kernel, whether KVM can be opened, and
-- who asked. Not the device number, which changes under overlays and in containers.
local function identity(path)
  local real = facts.real(path)
  local found = stat.stat(real)
  if not found then return nil end
  local modules = { times(facts.env "QEMU_MODULE_DIR") }
  for i, folder in ipairs(MODULES) do modules[i + 1] = times(folder) end
  return ("%s %d %d %d %s %s %s %s"):format(real:gsub("%c", "?"), found.st_size, found.st_mtime,
    found.st_ino, table.concat(modules, " "), facts.release, unistd.access("/dev/kvm", "rw") == 0
    and "kvm" or "-", version)
end

-- One file per binary, whatever became of it.
local function key(path)
  local real, total = facts.real(path), 0
  for i = 1, #real do total = (total * 31 + real:byte(i)) & 0xffffffff end
  return ("caps-%s-%08x"):format(real:match "[^/]+$":gsub("[^%w._-]", "-"):sub(1, 60), total)
end

local knowledge = {}
knowledge.__index = knowledge

-- How large a file of ours is, and how to read it | nil.
local function reader(path)
  local before = stat.lstat(path)
  if not before or stat.S_ISREG(before.st_mode) == 0 then return nil end
  local fd = fcntl.open(path, fcntl.O_RDONLY | fcntl.O_CLOEXEC | fcntl.O_NONBLOCK)
  local found = fd and stat.fstat(fd)
  if not found or found.st_ino ~= before.st_ino or found.st_uid ~= facts.uid then
    if fd then unistd.close(fd) end
    return nil
  end
  return found.st_size, function(offset, bytes)
    unistd.lseek(fd, offset, unistd.SEEK_SET)
    return unistd.read(fd, bytes)
  end, fd
end

-- The answers that are kept of a binary | nil.
local function recall(path, id)
  local size, read, fd = reader(facts.cache .. "/" .. key(path))
  local opened = size and store.open(id, size, read)
  if fd and not opened then unistd.close(fd) end
  return opened, fd
end

-- Asks all anew. Ten that do so at once write the same, each in one piece. Where the file became
-- another meanwhile, the answers are of both, and belong to neither.
local function learn(path, id)
  local sections, why = require "lunik.host.caps.gather"(path)
  if not sections then return nil, why end
  if identity(path) ~= id then return nil, path .. ": it was replaced while it was asked" end
  local text = store.text(id, sections)
  cache.put(key(path), text)
  cache.prune("caps-", KEPT)
  return store.open(id, #text, function(offset, bytes)
    return text:sub(offset + 1, offset + bytes)
  end)
end

-- Asks anew, since a section is damaged.
function knowledge:again(kind, name)
  local opened = self.fd and learn(self.path, self.id)
  if not opened then return nil end
  self:__gc()
  self.opened = opened
  return opened:text(kind, name)
end

function knowledge:__gc()
  if self.fd then unistd.close(self.fd) end
  self.fd = nil
end

-- The text of a section | false | nil where nothing is known of its kind: QEMU would not tell.
local function text_of(self, kind, name)
  if type(name) ~= "string" or #name > 200 or name:find "[%c ]" then return false end
  local id = kind .. " " .. name
  local text = self.known[id]
  if text == nil then
    text = self.opened:text(kind, name)
    if text == nil then text = self:again(kind, name) end
    if text == false and not self.opened:any(kind) then return nil end
    self.known[id] = text
  end
  return text
end

-- The rows of a section, which are everybody's: nobody changes them.
function knowledge:section(kind, name)
  local text = text_of(self, kind, name)
  if not text then return text end
  local id = kind .. " " .. name
  self.rows[id] = self.rows[id] or store.rows(text)
  return self.rows[id]
end

-- Whether there is a section.
function knowledge:has(kind, name) return self.opened:has(kind, name) end

-- The first row of a section.
function knowledge:head(kind, name)
  local text = text_of(self, kind, name)
  return text and store.row(text:match "^[^\n]*") or text
end

function knowledge:names(kind)
  local id = "names " .. kind
  self.known[id] = self.known[id] or self.opened:names(kind)
  return self.known[id]
end

-- Properties of a text by name, each read when it is asked for.
local function lazily(text)
  local function find(out, name)
    local at = type(name) == "string" and not name:find "[%c\\]"
      and text:find("\n" .. name .. "\t", 1, true)
    local row = at and store.row(text:match("[^\n]*", at + 1)) or nil
    rawset(out, name, row)
    return row
  end
  local every
  local function all()
    if not every then
      local rows = store.rows(text)
      every = {}
      for i = 2, #rows do every[rows[i][1]] = rows[i] end
    end
    return next, every
  end
  return setmetatable({}, { __index = find, __pairs = all })
end

-- Properties by name: { name, type, default, choices, description }; pairs has all of them.
function knowledge:properties(kind, name)
  local text = text_of(self, kind, name)
  if not text then return text end
  local id = "properties of " .. kind .. " " .. name
  if self.known[id] == nil then
    self.known[id] = not text:find("\n?\n", 1, true) and lazily(text)
  end
  return self.known[id] or nil
end

-- What `-KIND help` lists: of displays, audio drivers, and network and character backends.
function knowledge:backends(kind)
  local list = {}
  for i, row in ipairs(self:section("backend", kind) or {}) do list[i] = row[1] end
  return list
end

-- The version as text, and its first two numbers as one: 7.2 is 702.
function knowledge:version()
  local about = self:section("about", "-")
  local text = about and about[1][1] or "?"
  local major, minor = text:match "^(%d+)%.(%d+)"
  return text, major and tonumber(major) * 100 + tonumber(minor) or nil
end

local asked = {}

return function(path)
  if not trusted(path) then
    return nil, ("%s is not asked: only the recipe names it; %s=%s allows it"):format(path,
      variable, path)
  end
  local id, opened, fd, why
  for _ = 1, TRIES do
    id = identity(path)
    if not id then return nil, path .. ": no such file" end
    if asked[id] then return asked[id] end
    opened, fd = recall(path, id)
    if not opened then opened, why = learn(path, id) end
    if opened or identity(path) == id then break end
  end
  if not opened then return nil, why end
  asked[id] = setmetatable({ opened = opened, fd = fd, path = path, id = id, known = {},
    rows = {} }, knowledge)
  return asked[id]
end
