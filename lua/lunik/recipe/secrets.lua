-- SPDX-License-Identifier: MIT
-- What must not be given away, found where it is said to be one, and taken out wherever it stands:
--   values of variables of the environment that the recipe took
--   fields of devices, and keys of options, whose rows say `secret`
--   credentials in SMBIOS strings, private keys in PEM, and texts of the recipe that are given to a
--   name such as `password`
-- A value of fewer bytes than SHORTEST is not looked for: it would be found in everything.
local keys = require "lunik.qemu.keys"
local qemu = require "lunik.qemu"

local secrets = {}
secrets.__index = secrets

local SHORTEST = 4
local DEEPEST = 16         -- tables in tables

-- Names to which secrets are given. That of a secret (password_secret = "id") is none.
local NAMES = { "password", "passwd", "passphrase", "token" }

function secrets.new() return setmetatable({ list = {}, known = {} }, secrets) end

local function put(self, label, value)
  if #value < SHORTEST or self.known[value] then return end
  self.known[value] = label
  self.list[#self.list + 1] = value
  self.sorted = false
end

-- Adds a text, or all texts of a table. QEMU doubles the commas of values.
function secrets:add(label, value, depth)
  if type(value) == "string" then
    put(self, label, value)
    if value:find(",", 1, true) then put(self, label, (value:gsub(",", ",,"))) end
  elseif type(value) == "table" and (depth or 0) < DEEPEST then
    for _, each in next, value do self:add(label, each, (depth or 0) + 1) end
  end
end

function secrets:environment(env)
  for name, value in pairs(type(env) == "table" and env or {}) do
    self:add(("[env %s]"):format(name), value)
  end
end

-- Whether a key of an option holds a secret, by its row.
local function is_secret(row, form, key)
  local found = type(key) == "string" and keys.find(row, form, keys.spelling(row, form, key))
  return found and found.secret
end

local function option(self, name, args)
  local row = qemu.rows[name]
  for key, value in pairs(row and args or {}) do
    if is_secret(row, keys.form(row, args), key) then self:add("[secret]", value) end
  end
end

local OURS = "fstab.extra"         -- what lunik itself says there: boot mounts

local function credential(self, text)
  for name, value in text:gmatch "io%.systemd%.credential[.%a]*:([^=]+)=(.*)" do
    if name ~= OURS then self:add("[secret]", value) end
  end
end

-- A command line as a list of words.
function secrets:command(words)
  for i, word in ipairs(type(words) == "table" and words or {}) do
    local name, text = type(word) == "string" and word:match "^%-%-?([%w_-]+)$", words[i + 1]
    if name and type(text) == "string" and qemu.rows[name] then
      local ok, args = pcall(qemu.read, name, text)
      if ok and type(args) == "table" then
        option(self, qemu.rows[name].name, args)
        if type(args.value) == "string" then credential(self, args.value) end
      end
    end
  end
end

-- What a machine (lunik.machine) is made of.
function secrets:machine(machine)
  for _, one in ipairs(machine.items) do
    for _, row in ipairs(one.row and one.row.known or {}) do
      if row.secret then
        self:add("[secret]", one[row.name])
        self:add("[secret]", one.given and one.given[row.name])
      end
    end
    if one.option then option(self, one.option, one.args) end
  end
end

-- The text of a recipe: what is given to a name that says it all.
function secrets:source(text)
  for name, at in text:gmatch "%f[%w_]([%w_]+)%s*=%s*()" do
    for _, each in ipairs(NAMES) do
      if name:lower():find(each .. "$") then
        local quote = text:sub(at, at)
        self:add("[secret]", (quote == '"' or quote == "'")
          and text:match("^" .. quote .. "([^\n" .. quote .. "]*)", at)
          or text:match("^%[%[(.-)%]%]", at))
      end
    end
  end
end

local DASHES, KEY = ("%-"):rep(5), "[%u ]*PRIVATE KEY"
local PEM = DASHES .. "BEGIN " .. KEY .. DASHES .. ".-" .. DASHES .. "END " .. KEY .. DASHES

-- The longest first: one may be a part of another.
local function in_order(self)
  if not self.sorted then
    table.sort(self.list, function(a, b)
      if #a ~= #b then return #a > #b end
      return a < b
    end)
    self.sorted = true
  end
  return self.list
end

local function replaced(text, value, label)
  local parts, at = {}, 1
  while true do
    local from, to = text:find(value, at, true)
    if not from then break end
    parts[#parts + 1], at = text:sub(at, from - 1) .. label, to + 1
  end
  return #parts > 0 and table.concat(parts) .. text:sub(at) or text
end

-- A text without them.
function secrets:mask(text)
  text = text:gsub(PEM, "[secret]")
  for _, value in ipairs(in_order(self)) do text = replaced(text, value, self.known[value]) end
  return text
end

-- The same of all texts in a table, names among them, as a copy.
function secrets:masked(value)
  if type(value) == "string" then return self:mask(value) end
  if type(value) ~= "table" then return value end
  local out = setmetatable({}, getmetatable(value))
  for key, each in next, value do out[self:masked(key)] = self:masked(each) end
  return out
end

return secrets
