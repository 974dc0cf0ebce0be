-- SPDX-License-Identifier: MIT
-- The host as recipes and plans see it: facts, and questions that change nothing, some of which
-- run a program to be answered. Specs hand in tables of the same shape.
local facts = require "lunik.host.facts"

-- Each is loaded when it is first asked.
local questions = {
  kvm = function() return require "lunik.host.kvm" end,
  virtiofsd = function() return require "lunik.host.virtiofsd" end,
  subids = function() return require "lunik.host.subids" end,
  namespaces = function() return require "lunik.host.namespaces" end,
  version_of = function() return require "lunik.host.version_of" end,
  caps = function() return require "lunik.host.caps" end,
  firmware = function() return require "lunik.host.firmware" end,
  swtpm = function() return require "lunik.host.swtpm" end,
  port_is_free = function() return require "lunik.host.ports" end,
  users = function() return require "lunik.host.users" end,
  hardware = function() return require "lunik.host.hardware" end,
  firmware_folders = function() return require "lunik.host.firmware_folders" end,
}

return setmetatable({}, { __index = function(host, name)
  local question = questions[name]
  local value
  if question then value = question() else value = facts[name] end
  rawset(host, name, value)
  return value
end })
