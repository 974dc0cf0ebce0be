-- SPDX-License-Identifier: MIT
-- A host made of tables, for specs that need no QEMU: every path exists but those with
-- "missing" in them; files are what `files` says, folders end as their names tell.
local fakehost = {}

local function normal(path)
  local parts = {}
  for part in path:gmatch "[^/]+" do
    if part == ".." then parts[#parts] = nil elseif part ~= "." then parts[#parts + 1] = part end
  end
  return "/" .. table.concat(parts, "/")
end

local heads = { qcow2 = "QFI\xfb" .. ("\0"):rep(100), vmdk = "KDMV" }

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
  function host.contents(path)
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
  for name, value in pairs(over) do host[name] = value end
  return host
end

return fakehost
