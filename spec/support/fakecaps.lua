-- SPDX-License-Identifier: MIT
-- What a QEMU knows (lunik.host.caps), made up for specs: { device = { name = { property = type } |
-- false }, object, machine, names = { device = …, display = … } }.
local sorted = require "lunik.text.sorted"

local fake = {}
fake.__index = fake

function fake:properties(kind, name)
  local types = (self.known[kind] or {})[name]
  if not types then return types end
  local rows = {}
  for property, of in pairs(types) do rows[property] = { property, of, "", "", "" } end
  return rows
end

function fake:names(kind)
  local names = self.known.names or {}
  return names[kind] or sorted(self.known[kind] or {})
end

function fake:backends(kind) return (self.known.names or {})[kind] or {} end

function fake.head() return nil end

function fake.section() return nil end

function fake.version() return "7.2.22", 702 end

return function(known) return setmetatable({ known = known }, fake) end
