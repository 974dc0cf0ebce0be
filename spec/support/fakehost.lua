-- SPDX-License-Identifier: MIT
-- A host made of tables, for specs that need no QEMU: every path exists but those with
-- "missing" in them; files are what `files` says, folders end as their names tell. A look at the
-- host asks for: denied = { path = what is, of "rwx" }, kinds = { path = "socket" }, ports =
-- { ["tcp :80"] = "taken" }, holder, sockets, locks = { path = { [byte] = true, by } }, links,
-- cards, plugged, left.
local fakehost = {}

local function normal(path)
  local parts = {}
  for part in path:gmatch "[^/]+" do
    if part == ".." then parts[#parts] = nil elseif part ~= "." then parts[#parts + 1] = part end
  end
  return "/" .. table.concat(parts, "/")
end

local heads = { qcow2 = "QFI\xfb" .. ("\0"):rep(100), vmdk = "KDMV" }

local function descriptor(name, arch, stem, machines, features, log)
  local one = { name = name, path = "/usr/share/qemu/firmware/" .. name, device = "flash",
    interfaces = { uefi = true }, features = {}, targets = { { arch = arch, machines = machines } },
    code = { path = stem .. "_CODE" .. (features[1] and ".ms.fd" or ".fd"), format = "raw" },
    vars = { path = stem .. (features[1] and "_VARS.ms.fd" or "_VARS.fd"), format = "raw" } }
  for _, feature in ipairs(features) do one.features[feature] = true end
  one.features[log or "verbose-dynamic"] = true
  return one
end

local OVMF, AAVMF = "/usr/share/OVMF/OVMF", "/usr/share/AAVMF/AAVMF"

-- As Debian has them: those with secure boot come first.
local descriptors = {
  descriptor("40-edk2-aarch64-secure-enrolled.json", "aarch64", AAVMF, { "virt-*" },
    { "secure-boot", "enrolled-keys" }, "verbose-static"),
  descriptor("40-edk2-x86_64-secure-enrolled.json", "x86_64", OVMF, { "pc-q35-*" },
    { "secure-boot", "enrolled-keys", "requires-smm" }),
  descriptor("60-edk2-aarch64.json", "aarch64", AAVMF, { "virt-*" }, {}, "verbose-static"),
  descriptor("60-edk2-x86_64.json", "x86_64", OVMF, { "pc-i440fx-*", "pc-q35-*" }, {}),
}

-- A fake host; `over` replaces any member. `real` maps virtual folders to real ones.
function fakehost.new(over, real)
  over = over or {}
  local host = {
    arch = "x86_64", cpus = 8, memory = 32 << 30, user = "dev", uid = 1000, home = "/home/dev",
    runtime = "/run/user/1000/lunik", state = "/home/dev/.local/state/lunik",
      cache = "/home/dev/.cache/lunik",
    unprivileged_port = 1024, files = {}, environment = {},
  }
  function host.kvm() return true end
  function host.subids() return nil, "newuidmap and newgidmap are not in PATH" end
  function host.virtiofsd() return { path = "/usr/libexec/virtiofsd", make = "rust" } end
  function host.firmware() return descriptors end
  function host.swtpm() return { path = "/usr/bin/swtpm" } end
  function host.program(name) return name:find "/" and name or "/usr/bin/" .. name end
  function host.env(name) return host.environment[name] end
  function host.real(path) return normal(path) end
  function host.namespaces() return true end
  function host.version_of() return "8.2.0" end
  function host.may() return true end
  function host.owner(path) return host.kind(path) and { uid = host.uid, mode = 448 } end
  function host.list(folder) return (host.listing or {})[normal(folder)] or {} end
  function host.kind(path)
    path = normal(path)
    if (host.kinds or {})[path] then return host.kinds[path] end
    if host.files[path] ~= nil then return host.files[path] and "file" or nil end
    if path:find "%.lua$" then return "file" end
    if path:find "missing" then return nil end
    if path:find "^/dev/" then return "device" end
    return path:find "%.[%w]+$" and "file" or path:find "id_" and "file" or path:find "vmlinu"
      and "file" or "directory"
  end
  function host.head(path, most)
    path = normal(path)
    if type(host.files[path]) == "string" then return host.files[path]:sub(1, most) end
    return heads[path:match "%.(%w+)$" or ""] or ("\0"):rep(512)
  end
  function host.stamp(path) return (host.stamps or {})[normal(path)] end
  function host.access(path, how)
    local denied = (host.denied or {})[normal(path)]
    if denied and how:find("[" .. denied .. "]") then return nil, "Permission denied" end
    return true
  end
  function host.room() return host.left or 1 << 40 end
  function host.port_is_free(protocol, address, port)
    local word = (host.ports or {})[("%s %s:%d"):format(protocol, address, port)]
    if word then return nil, word end
    return true
  end
  function host.is_user(name) return name == host.user or name == "nobody" end
  function host.is_open() return false end
  function host.firmware_folders() return { "/usr/share/qemu" } end
  host.users = {
    of_port = function() return host.holder end,
    of_interface = function(name) return (host.interfaces_of or {})[name] end,
    of_socket = function(path) return (host.sockets or {})[normal(path)] end,
    of_lock = function(path, bytes)
      local locked = (host.locks or {})[normal(path)]
      for _, byte in ipairs(bytes) do
        if locked and locked[byte] then return locked.by end
      end
    end,
  }
  host.hardware = {
    interface = function(name) return (host.links or {})[name] end,
    interfaces = function() return { "br0", "eth0", "tap0" } end,
    pci = function(address) return (host.cards or {})[address] end,
    usb = function() return host.plugged or {} end,
  }
  local function contents(path)
    if type(host.files[normal(path)]) == "string" then return host.files[normal(path)] end
    for virtual, folder in pairs(real or {}) do
      if path:sub(1, #virtual + 1) == virtual .. "/" then
        path = folder .. path:sub(#virtual + 1)
      end
    end
    local file, why = io.open(path, "rb")
    if not file then return nil, why end
    local text = file:read "a"
    file:close()
    return text
  end
  host.contents = contents
  function host.lock(path) return (contents(path)) end
  for name, value in pairs(over) do host[name] = value end
  return host
end

return fakehost
