-- SPDX-License-Identifier: MIT
-- The text of a first recipe, for `lunik init`: what may be said, a row each, which is an option of
-- the verb and, at a terminal, a question; and what becomes of the answers.
local host = require "lunik.host"
local image = require "lunik.host.image"
local kind = require "lunik.schema.kind"
local quote = require "lunik.import.quote"
local unistd = require "posix.unistd"

local starting = {}

local HEADER = 1 << 16
local KEYS = { "~/.ssh/id_ed25519", "~/.ssh/id_ecdsa", "~/.ssh/id_rsa" }

-- As seen from everywhere.
local function expanded(path)
  if path:sub(1, 2) == "~/" then return host.home .. path:sub(2) end
  return path:sub(1, 1) == "/" and path or unistd.getcwd() .. "/" .. path
end

-- A reader of the path of something that is there: true | nil, why
local function existing(what)
  return function(text)
    local path = expanded(text)
    local found = host.kind(path)
    if not found then return nil, kind.no_such(what, text, path, host) end
    if found == what or found == "device" and what == "file" then return true end
    return nil, ("%s is a %s"):format(kind.show(text), found)
  end
end

local function of(reader)
  return function(text) return reader.read(tonumber(text) or text) end
end

-- "src:/work" -> "src", "/work"
local function mount_of(text)
  local from, to = text:match "^(.+):(/.*)$"
  return from or text, to
end

local function first_key()
  for _, path in ipairs(KEYS) do
    if host.kind(expanded(path)) == "file" then return path end
  end
end

-- name, argument, doc: an option; ask: the question; read(text): true | nil, why; default: a value,
-- or a function; list: may be given several times; after(said): whether it makes sense
starting.rows = {
  { name = "image", argument = "FILE", read = existing "file",
    doc = "boot this image; what is written goes to an overlay beside the recipe",
    ask = "image to boot (none: a new disk, or no disk)" },
  { name = "disk", argument = "SIZE", read = of(kind.size), doc = "make a new disk, such as 20G",
    ask = "size of a new disk, such as 20G",
    after = function(said) return not said.image end },
  { name = "cdrom", argument = "FILE", read = existing "file", doc = "a medium to install from",
    ask = "medium to install from", after = function(said) return said.disk end },
  { name = "memory", argument = "SIZE", read = of(kind.size), doc = "memory", ask = "memory",
    default = "2G" },
  { name = "cpus", argument = "COUNT", read = of(kind.int(1, 512)), doc = "number of CPUs",
    ask = "CPUs", default = "2" },
  { name = "ssh_key", option = "ssh-key", argument = "FILE", read = existing "file",
    doc = "private key to log in with", ask = "private key for ssh", default = first_key,
    after = function(said) return said.image or said.disk end },
  { name = "user", argument = "NAME", doc = "user in the guest, with --ssh-key",
    ask = "user in the guest", default = "root", read = function() return true end,
    after = function(said) return said.ssh_key end },
  { name = "mount", argument = "DIRECTORY[:PLACE]", list = true,
    doc = "share a directory, mounted in the guest at PLACE",
    ask = "directory to share, or DIRECTORY:/place/in/the/guest",
    read = function(text) return existing "directory"(mount_of(text)) end },
}

-- A name's ending tells most formats; what else there is, is looked at once, here, and then stands
-- in the recipe.
local function format_of(path)
  local format = require "lunik.device.disk.format"
  local named = format.of_name(path)
  local looks = image.looks_like(host.head(expanded(path), HEADER) or "")
  if named and (not looks or named == looks) then return "" end
  return (", format = %s"):format(quote.string(looks or "raw"))
end

local function disk(said, seen)
  if said.image then
    local stem = said.image:match "([^/]*)$":gsub("(.)%.[^.]*$", "%1")
    local overlay = stem .. ".overlay.qcow2"
    return ("disk { file = %s%s, overlay = %s },"):format(quote.string(seen(said.image)),
      format_of(said.image), quote.string(overlay)),
      "what the guest writes goes to the overlay; true in its place throws it away"
  elseif said.disk then
    return ('disk { file = "disk.qcow2", create = true, size = %s },'):format(
      quote.string(said.disk))
  end
end

local function mount(text, seen)
  local from, to = mount_of(text)
  return ("mount { from = %s%s },"):format(quote.string(seen(from)),
    to and ", to = " .. quote.string(to) or "")
end

-- What stands in the recipe, line by line, with a remark for one where there is one.
local function lines(said, seen)
  local list = { ("cpus = %s,"):format(said.cpus), ("memory = %s,"):format(
    quote.string(said.memory)), "" }
  local function add(text, remark)
    if remark then list[#list + 1] = "-- " .. remark end
    list[#list + 1] = text
  end
  if said.name then table.insert(list, 1, ("name = %s,"):format(quote.string(said.name))) end
  local text, remark = disk(said, seen)
  if text then add(text, remark) end
  if said.cdrom then add(("qemu.cdrom { %s },"):format(quote.string(seen(said.cdrom)))) end
  add "nic {},"
  add "console {},"
  if said.ssh_key then
    add(("ssh { user = %s, key = %s },"):format(quote.string(said.user),
      quote.string(seen(said.ssh_key))))
  end
  local mounts = said.mount or {}
  if #mounts > 0 and not said.ssh_key then
    add("agent {},", "it mounts: the guest runs qemu-guest-agent")
  end
  for _, each in ipairs(mounts) do add(mount(each, seen)) end
  return list
end

-- The recipe. `seen(path)` is a path as its folder sees it.
function starting.text(said, seen)
  local out = { "-- lunik check finds what is wrong here; lunik help machine has the words",
    "return machine {" }
  for _, line in ipairs(lines(said, seen)) do
    out[#out + 1] = line == "" and "" or "  " .. line
  end
  out[#out + 1] = "}\n"
  return table.concat(out, "\n")
end

return starting
