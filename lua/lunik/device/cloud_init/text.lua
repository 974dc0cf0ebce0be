-- SPDX-License-Identifier: MIT
-- The texts of a seed, as cloud-init's NoCloud reads them. JSON is YAML, so nothing that a recipe
-- says can be read as something else; a line for each of cloud-init's words.
local base64 = require "lunik.text.base64"
local core = require "lunik.core"

local text = {}

local array = core.json.array

local function list(values) return array(table.move(values, 1, #values, 1, {})) end

-- A user of the recipe's: who may become root, since a cloud image's root has no password.
local function user(seed, made)
  local one = { name = seed.user, ssh_authorized_keys = list(made.keys) }
  if seed.user ~= "root" then
    one.sudo, one.shell, one.lock_passwd = "ALL=(ALL) NOPASSWD:ALL", "/bin/bash", made.hash == nil
  end
  return one
end

-- Who can log in. "default" comes first: without it the image's own user is gone.
local function logins(out, seed, made)
  if seed.user then
    out[#out + 1] = { "users", array { "default", user(seed, made) } }
    out[#out + 1] = seed.user == "root" and { "disable_root", false } or nil
  elseif #made.keys > 0 then
    out[#out + 1] = { "ssh_authorized_keys", list(made.keys) }
  end
  if not made.hash then return end
  if seed.user then
    out[#out + 1] = { "chpasswd", { expire = false, users = array {
      { name = seed.user, password = made.hash, type = "hash" } } } }
  else
    out[#out + 1] = { "password", made.hash }
    out[#out + 1] = { "chpasswd", { expire = false } }
  end
end

-- A line of fstab(5), whose fields cloud-init writes as they are.
local function field(value)
  return (value:gsub("[%s\\]", function(c) return ("\\%03o"):format(c:byte()) end))
end

local function mount(one)
  local options = table.move(one.options or {}, 1, #(one.options or {}), 1, {})
  table.move({ one.readonly and "ro" or "rw", "nofail" }, 1, 2, #options + 1, options)
  return array { field(one.source or one.tag), field(one.to), one.type,
                 table.concat(options, ","), "0", "0" }
end

local function mounts(out, given)
  local lines = array {}
  for i, one in ipairs(given) do lines[i] = mount(one) end
  if #lines > 0 then out[#out + 1] = { "mounts", lines } end
end

local function files(out, made)
  local rows = array {}
  for i, one in ipairs(made.files) do
    local row = { path = one.path, permissions = one.mode, owner = one.owner, content = one.text }
    -- JSON is text, and a file of the guest any bytes
    if not core.json.encode(one.text) or one.text:find "[%c]" and one.text:find "[^%C\t\n\r]" then
      row.content, row.encoding = base64.encode(one.text), "b64"
    end
    rows[i] = row
  end
  if #rows > 0 then out[#out + 1] = { "write_files", rows } end
end

local function commands(out, given)
  local rows = array {}
  for i, one in ipairs(given) do rows[i] = type(one) == "table" and list(one) or one end
  if #rows > 0 then out[#out + 1] = { "runcmd", rows } end
end

-- user-data. seed: what the recipe says (lunik.device.cloud_init.nocloud); made: what only the
-- start knows: keys (public, texts), hash of the password, host (private, public), files with
-- their texts.
function text.user_data(seed, made)
  local out = { { "hostname", seed.hostname } }
  if made.host then
    out[#out + 1] = { "ssh_keys", { ed25519_private = made.host.private,
                                    ed25519_public = made.host.public } }
  end
  logins(out, seed, made)
  mounts(out, seed.mounts)
  if #seed.packages > 0 then out[#out + 1] = { "packages", list(seed.packages) } end
  files(out, made)
  commands(out, seed.run)
  local lines = { "#cloud-config" }
  for i, pair in ipairs(out) do lines[i + 1] = pair[1] .. ": " .. core.json.encode(pair[2]) end
  return table.concat(lines, "\n") .. "\n"
end

function text.meta_data(seed, instance)
  return ("instance-id: %s\nlocal-hostname: %s\n"):format(core.json.encode(instance),
    core.json.encode(seed.hostname))
end

return text
