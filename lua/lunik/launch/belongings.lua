-- SPDX-License-Identifier: MIT
-- What belongs to a guest as it lies on its disk, and lives as long: the key by which it is known,
-- the key by which lunik logs in, and a salt. Another disk is another guest, and gets all anew.
local command = require "lunik.process.command"
local core = require "lunik.core"
local folder = require "lunik.system.folder"
local host = require "lunik.host"
local records = require "lunik.store.records"
local remove = require "lunik.process.remove"
local shape = require "lunik.store.shape"
local stat = require "posix.sys.stat"

local belongings = {}

local PATIENCE = 60
local NAMES = { "host_ed25519", "host_ed25519.pub", "login_ed25519", "login_ed25519.pub",
                "known_hosts", "guest.json" }
local FORMS = { disk = shape.text, salt = shape.text }
local LARGEST = 1 << 14    -- bytes of a key
local SALT = 12            -- characters, of 64 each; crypt(5) takes 16
local LETTERS = "./0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"

-- Forgets a guest whose disk is made anew, or goes: true | nil, why
function belongings.forget(plan)
  for _, name in ipairs(NAMES) do
    local ok, why = remove(plan.state .. "/" .. name)
    if not ok then return nil, "remove " .. why end
  end
  return true
end

-- What tells the disk from another that came to its place.
local function disk_of(path)
  local info = path and stat.stat(path)
  return info and ("%d:%d"):format(info.st_dev, info.st_ino) or "none"
end

local function random_salt()
  local source <close>, why = io.open("/dev/urandom", "rb")
  if not source then return nil, why end
  return (source:read(SALT):gsub(".", function(c)
    local at = c:byte() % 64 + 1
    return LETTERS:sub(at, at)
  end))
end

local KEYS = { "host_ed25519", "host_ed25519.pub", "login_ed25519", "login_ed25519.pub" }

local function write_known(path, known)
  return records.write(path, core.json.encode { lunik = 1, disk = known.disk,
                                                salt = known.salt } .. "\n")
end

-- The guest of a saved machine that goes on under another name is known by what it was known by
-- under its own: true | nil, why
local function inherit(plan, from, now)
  local object = records.object(from .. "/guest.json")
  local known = object and shape.read(FORMS, object)
  if not known or not known.salt then
    return nil, ("%s: the keys of the guest that was saved are gone"):format(from)
  end
  local ok, why = belongings.forget(plan)
  for _, name in ipairs(KEYS) do
    local text = ok and host.kind(from .. "/" .. name) == "file"
      and host.contents(from .. "/" .. name, LARGEST)
    if text then ok, why = records.write(plan.state .. "/" .. name, text) end
  end
  if not ok then return nil, why end
  return write_known(plan.state .. "/guest.json", { disk = now, salt = known.salt })
end

-- What is known of the guest on the disk: { disk, salt } | nil, why
function belongings.of(plan, disk)
  local path, now = plan.state .. "/guest.json", disk_of(disk)
  local saved = plan.saved
  if saved and saved.name ~= plan.name then
    local ok, why = inherit(plan, folder.parent(plan.state) .. "/" .. saved.name, now)
    if not ok then return nil, why end
  end
  local object = records.object(path)
  local known = object and shape.read(FORMS, object)
  if known and known.disk == now and (known.salt or ""):find "^[%w./]+$" then return known end
  local ok, why = belongings.forget(plan)
  if not ok then return nil, why end
  known = { disk = now }
  known.salt, why = random_salt()
  if not known.salt then return nil, why end
  ok, why = write_known(path, known)
  return ok and known, why
end

-- Runs one of OpenSSH's programs: what it prints | nil, why
local function keygen(ctx, ...)
  local done, why = command.run(ctx.loop, { "ssh-keygen", ... },
                                { seconds = PATIENCE, env = ctx.env })
  if not done then return nil, why end
  if done.status == 0 then return done.out end
  return nil, "ssh-keygen " .. command.describe(done)
end

-- A key of the guest's, by its file's name, made where there is none: { private, public } texts
-- | nil, why
function belongings.key(ctx, name)
  local path = ctx.plan.state .. "/" .. name
  if host.kind(path) ~= "file" or host.kind(path .. ".pub") ~= "file" then
    for _, each in ipairs { path, path .. ".pub" } do remove(each) end
    local made, why = keygen(ctx, "-q", "-t", "ed25519", "-N", "", "-C", "lunik-" .. ctx.plan.name,
                             "-f", path)
    if not made then return nil, why end
  end
  local private, why = host.contents(path, LARGEST)
  local public
  if private then public, why = host.contents(path .. ".pub", LARGEST) end
  return public and { private = private, public = public:match "^[^\n]*" }, why
end

-- The public half of somebody's key | nil, why
function belongings.public(ctx, path)
  local text = host.kind(path .. ".pub") == "file" and host.contents(path .. ".pub", LARGEST)
  if text and text:find "%S" then return text:match "^%s*([^\n]*)" end
  local out, why = keygen(ctx, "-y", "-P", "", "-f", path)
  return out and out:match "^[^\n]*", why
end

-- Has lunik's ssh know the guest by that key and no other: true | nil, why
function belongings.known(plan, public)
  local kind, bytes = public:match "^(%S+) (%S+)"
  return records.write(plan.guest.ssh.known_hosts,
                       ("lunik-%s %s %s\n"):format(plan.name, kind, bytes))
end

return belongings
