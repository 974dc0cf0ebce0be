-- SPDX-License-Identifier: MIT
-- Finds virtiofsd: by QEMU's vhost-user descriptors (docs/interop/vhost-user.json),
-- then where distributions put it, then by PATH. Two makes take different flags.
local cache = require "lunik.host.cache"
local core = require "lunik.core"
local facts = require "lunik.host.facts"
local stat = require "posix.sys.stat"

local folders = { "/etc/qemu/vhost-user", "/usr/local/share/qemu/vhost-user",
  "/usr/share/qemu/vhost-user" }
local places = { "/usr/libexec/virtiofsd", "/usr/lib/qemu/virtiofsd", "/usr/lib/virtiofsd",
  "/usr/lib64/virtiofsd", "/usr/local/libexec/virtiofsd" }

local function described()
  for _, folder in ipairs(folders) do
    local names = facts.list(folder)
    table.sort(names)
    for _, name in ipairs(names) do
      local text = name:find "%.json$" and facts.contents(folder .. "/" .. name, 1 << 16)
      local entry = text and core.json.decode(text)
      if type(entry) == "table" and entry.type == "fs" and type(entry.binary) == "string"
        and facts.program(entry.binary) then
        return entry.binary
      end
    end
  end
end

local function find()
  local path = described()
  if path then return path end
  for _, place in ipairs(places) do
    if facts.program(place) then return place end
  end
  return facts.program "virtiofsd"
end

-- The C daemon of QEMU up to 7.x and the Rust one that followed it: only the second names
-- features in --print-capabilities.
local function ask(path)
  local reader, writer = core.chan.pair()
  local daemon <close> = core.proc.spawn { argv = { path, "--print-capabilities" },
    fds = { [1] = writer:fd() } }
  writer:close()
  if not daemon then return "rust" end
  local text = ""
  repeat
    local more = reader:read(4096, 2)
    text = text .. (more or "")
  until not more or more == ""
  reader:close()
  daemon:wait(2)
  return text:find '"features"' and "rust" or "c"
end

-- The make of a daemon, asked once for its path, size and time of change.
local function make(path)
  local found = stat.stat(path)
  local key = ("virtiofsd-%d-%d-%d-%d"):format(found.st_dev, found.st_ino, found.st_size,
    found.st_mtime)
  local known = cache.get(key)
  if known == "c" or known == "rust" then return known end
  local answer = ask(path)
  cache.put(key, answer)
  return answer
end

-- Returns { path, make = "c" | "rust" }, or nil and why not.
return function()
  local path = find()
  if not path then
    return nil,
      "no virtiofsd found: not by a descriptor in /usr/share/qemu/vhost-user, "
      .. "not in /usr/libexec, not by PATH"
  end
  return { path = path, make = make(path) }
end
