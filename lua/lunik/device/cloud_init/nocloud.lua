-- SPDX-License-Identifier: MIT
-- A seed for cloud-init's NoCloud: a small disk that the guest reads at its first boot. It holds
-- the key by which lunik knows the guest, and its own key to log in by where the recipe has none;
-- what is secret in it stands in no command line and in nothing that is printed. Or a line in the
-- serial number, which anybody may read, that says where the guest finds somebody's seed.
local kind = require "lunik.schema.kind"
local kinds = require "lunik.device.cloud_init.kinds"
local qemu = require "lunik.qemu"
local systemd = require "lunik.device.credential.systemd"

-- Where cloud-init looks for its files: it puts their names behind that.
local place = { name = "place", expects = 'a folder of the guest such as "/seed/", or a URL' }

function place.read(value)
  if type(value) ~= "string" or value:find "[%c%s;]" or not value:find "^/"
     and not value:find "^https?://." then
    return nil, ("%s expected, got %s"):format(place.expects, kind.show(value))
  end
  return value:find "/$" and value or value .. "/"
end

local nocloud = {
  doc = "a NoCloud seed, made by mtools when the machine starts",
  fields = {
    { "user", kind = kind.string, example = 'user = "dev"',
      doc = "who logs in, and may become root; default: that of ssh {}"
      .. ", else the image's own" },
    { "keys", kind = kinds.keys, example = 'keys = "~/.ssh/id_ed25519.pub"',
      doc = "public keys that may log in; default: that of ssh {}, for "
      .. "which lunik makes one where it has none" },
    { "password", kind = kinds.secret, secret = true,
      example = 'password = { file = "password.txt" }',
      doc = "for the console; a hash as of openssl passwd -6 is taken as it is" },
    { "hostname", kind = kind.string, example = 'hostname = "web"',
      doc = "default: the machine's name" },
    { "packages", kind = kinds.packages, example = 'packages = { "nginx", "git" }',
      doc = "to be installed; with agent {} its own, too" },
    { "run", kind = kinds.commands, secret = true,
      example = 'run = { "systemctl enable --now nginx" }',
      doc = "commands, in order: texts for a shell, lists of words" },
    { "files", kind = kinds.files, secret = true,
      example = 'files = { ["/etc/motd"] = "welcome" }',
      doc = 'files to write: { ["/etc/motd"] = "text" }' },
    { "user_data", kind = kind.path "file",
      example = 'user_data = "user-data.yaml"',
      doc = "a file of cloud-init's, in the place of all the others" },
    { "network", kind = kind.path "file", example = 'network = "network.yaml"',
      doc = "a file of cloud-init's: network-config" },
    { "via", kind = kind.one_of { "iso", "serial" }, default = "iso",
      example = 'via = "serial", from = "http://10.0.2.2:8000/"',
      doc = "how it comes to the guest: on a disk, or as words in the serial number that say where "
      .. "it is" },
    { "from", kind = place, example = 'via = "serial", from = "http://10.0.2.2:8000/"',
      doc = "with via = \"serial\": where the guest finds its seed, a folder "
      .. "of its own or a URL; no secret, since it stands in the command line" },
  },
  no_plug = "is for the first boot",
  fork = "new",
}

local HOST = "^%w[%w.-]*$"                -- hostname(7), with domains
local USER = "^[%l_][%w_.-]*$"
local DIFFERENT = { "user", "keys", "password", "packages", "run", "files" }
local ON_DISK = { "user", "keys", "password", "packages", "run", "files", "user_data", "network" }

function nocloud.complete(one, context)
  one.hostname = one.hostname or context.name:gsub("[^%w.-]", "-"):sub(1, 63)
end

-- What fits together by the way that the seed takes.
local function check_via(one, written)
  if one.via == "iso" then
    return one.from == nil or nil, "from", 'is for via = "serial"; the seed is made of the others'
  elseif not one.from then
    return nil, "via", '"serial" needs from = "…", where the guest finds its seed'
  end
  for _, name in ipairs(ON_DISK) do
    if written[name] ~= nil then
      return nil, name, 'stands in the seed that from names; via = "iso" makes one of it'
    end
  end
  return true
end

function nocloud.check(one, context)
  if not one.hostname:find(HOST) or #one.hostname > 253 then
    return nil, "hostname", "letters, digits, '-' and '.' expected"
  end
  if one.user and (not one.user:find(USER) or #one.user > 32) then
    return nil, "user", "a user name expected, such as \"debian\""
  end
  for _, name in ipairs(one.user_data and DIFFERENT or {}) do
    if context.written[name] ~= nil then
      return nil, name, "stands in user_data already, as that file has it"
    end
  end
  return check_via(one, context.written)
end

-- ssh {} and the seed are about one user.
function nocloud.join(one, machine)
  if one.via == "serial" then
    if systemd.fits(machine) then return true end
    return nil, "via", "\"serial\" " .. systemd.why_not(machine)
  end
  for _, item in ipairs(machine.items) do
    if item.family == "ssh" and not item.broken then
      if one.user and item.given.user == nil then item.user = one.user end
      one.user = one.user or item.user
      one.ssh = item
    elseif item.family == "agent" then
      one.agent = true
    end
  end
  return true
end

-- How lunik logs in: by a key of the recipe's, or by its own.
local function login(plan, one)
  local access = plan.guest.ssh
  if not one.ssh or one.user_data then return end
  access.known_hosts = plan:state_file "known_hosts"
  access.known = true
  if not access.key and not one.keys then
    access.key = plan:state_file "login_ed25519"
    return { own = access.key }
  end
  return access.key and { of = access.key }
end

local function packages(one)
  local list = table.move(one.packages or {}, 1, #(one.packages or {}), 1, {})
  for _, name in ipairs(list) do
    if name == "qemu-guest-agent" then return list end
  end
  if one.agent then list[#list + 1] = "qemu-guest-agent" end
  return list
end

local HASHED = "^%$%w+%$"

-- The programs that make the seed, and the packages that have them.
local function programs(plan, one)
  local wanted = { { "mformat", "mtools" }, { "mcopy", "mtools" } }
  if plan.guest.ssh and plan.guest.ssh.known then
    wanted[#wanted + 1] = { "ssh-keygen", "openssh-client" }
  end
  if one.password and not (one.password.text or ""):find(HASHED) then
    wanted[#wanted + 1] = { "openssl", "openssl" }
  end
  for _, each in ipairs(wanted) do
    if not plan.host.program(each[1]) then
      plan:lack(("%s is not in PATH: the package %s has it"):format(each[1], each[2]))
    end
  end
end

-- cloud-init 22 reads URLs as nocloud-net alone, which later ones still do.
local function by_serial(plan, one)
  plan:add(qemu.smbios { type = 1, serial = ("ds=nocloud%s;h=%s;s=%s"):format(
    one.from:find "^/" and "" or "-net", one.hostname, one.from) })
end

-- Comes after all others: disks keep their names in the guest, and every mount is there.
function nocloud.emit_last(plan, one)
  if one.via == "serial" then return by_serial(plan, one) end
  local path, user = plan:state_file "seed.img", not one.user_data and one.user or nil
  plan:file { kind = "seed", path = path, user = user, hostname = one.hostname }
  plan.seed = { path = path, hostname = one.hostname, user = user, keys = one.keys or {},
    password = one.password, packages = packages(one), run = one.run or {},
    files = one.files or {}, user_data = one.user_data, network = one.network,
    mounts = plan.guest.mounts, login = login(plan, one), disk = plan.system_disk }
  programs(plan, one)
  plan.guest.seeded = not one.user_data or nil
  plan:add(qemu.blockdev { driver = "raw", ["node-name"] = "seed", ["read-only"] = true,
    ["file.driver"] = "file", ["file.filename"] = path, ["file.read-only"] = true })
  plan:add(qemu.device { "virtio-blk-pci", id = "seed", drive = "seed" })
end

return nocloud
