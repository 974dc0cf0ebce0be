-- SPDX-License-Identifier: MIT
-- Kinds of value that a seed is made of. What is refused is not shown where it may be a secret.
local kind = require "lunik.schema.kind"

local kinds = {}

-- A text, or { file = path }, read when the machine starts: { text } or { file }. Nothing shows it.
kinds.secret = { name = "secret", expects = 'text, or { file = "…" }' }

function kinds.secret.read(value, context)
  if type(value) == "string" and value ~= "" and not value:find "[%z\r\n]" then
    return { text = value }
  elseif type(value) == "table" and type(value.file) == "string" then
    local path, why = kind.path("file").read(value.file, context)
    return path and { file = path }, why
  end
  return nil, 'a line of text, or { file = "…" } expected, got '
    .. (type(value) == "string" and "none, or several lines" or "a " .. type(value))
end

-- A list, or one, of what `one` reads.
function kinds.list(one, expects)
  return { name = "list", expects = expects, read = function(value, context)
    local out = {}
    for i, each in ipairs(type(value) == "table" and value or { value }) do
      local why
      out[i], why = one(each, context)
      if out[i] == nil then return nil, why end
    end
    if type(value) == "table" and next(value, #out > 0 and #out or nil) ~= nil then
      return nil, expects .. " expected, got a table with names"
    end
    return out
  end }
end

local function text(value)
  if type(value) == "string" and value ~= "" and not value:find "%z" then return value end
  return nil, "text expected, got " .. kind.show(value)
end

local TYPES = { ["ssh-ed25519"] = true, ["ssh-rsa"] = true, ["sk-ssh-ed25519@openssh.com"] = true,
                ["sk-ecdsa-sha2-nistp256@openssh.com"] = true }

-- A public key of OpenSSH's, or a file that holds one: { text } or { file }
local function key(value, context)
  local first = type(value) == "string" and value:match "^(%S+) %S"
  if first and (TYPES[first] or first:find "^ecdsa%-sha2%-") then
    return not value:find "[%c]" and { text = value } or nil,
      "a public key on one line expected"
  end
  local path, why = kind.path("file").read(value, context)
  if not path then return nil, why end
  local head = context.host.contents(path, 1 << 14)
  if head and head:find "PRIVATE KEY" then
    return nil, kind.show(value) .. " is a private key: its .pub is meant"
  end
  return { file = path }
end

-- A command: a text for the guest's shell, or a list of words.
local function command(value)
  if type(value) ~= "table" then return text(value) end
  local words = {}
  for i, word in ipairs(value) do
    local why
    words[i], why = text(word)
    if not words[i] then return nil, why end
  end
  if #words > 0 then return words end
  return nil, "a command is a text, or a list of words"
end

kinds.keys = kinds.list(key, "public keys, or files of them")
kinds.packages = kinds.list(text, "names of packages")
kinds.commands = kinds.list(command, "commands: texts for a shell, or lists of words")

local MEMBERS = { text = true, file = true, mode = true, owner = true }

local function content(path, value, context)
  if type(value) == "string" then return { path = path, text = value } end
  if type(value) ~= "table" then return nil, "text, or { file =, mode =, owner = } expected" end
  for name in pairs(value) do
    if not MEMBERS[name] then return nil, "no such member " .. kind.show(name) end
  end
  local out, why = { path = path, text = value.text, mode = value.mode, owner = value.owner }, nil
  if (value.text == nil) == (value.file == nil) then return nil, "text or file expected" end
  if value.mode and not tostring(value.mode):find "^0?[0-7][0-7][0-7][0-7]?$" then
    return nil, 'a mode such as "0644" expected, got ' .. kind.show(value.mode)
  end
  for _, name in ipairs { "text", "mode", "owner" } do
    if out[name] ~= nil and type(out[name]) ~= "string" then
      return nil, name .. ": text expected"
    end
  end
  if value.file then out.file, why = kind.path("file").read(value.file, context) end
  return not why and out or nil, why
end

-- Files of the guest, { [path] = text or { text or file, mode, owner } }: a list by path.
kinds.files = { name = "files",
  expects = '{ ["/path"] = text, or { text or file =, mode =, owner = } }' }

function kinds.files.read(value, context)
  if type(value) ~= "table" then
    return nil, ("%s expected, got %s"):format(kinds.files.expects, kind.show(value))
  end
  local out = {}
  for path, each in pairs(value) do
    if type(path) ~= "string" or not path:find "^/[^%z]+$" then
      return nil, "absolute paths of the guest expected, got " .. kind.show(path)
    end
    local one, why = content(path, each, context)
    if not one then return nil, kind.show(path) .. ": " .. why end
    out[#out + 1] = one
  end
  table.sort(out, function(a, b) return a.path < b.path end)
  return out
end

return kinds
