-- SPDX-License-Identifier: MIT
-- The kind of `ready`: what a machine waits for. "console: login:" waits for a text of the console,
-- a Lua pattern.
local kind = require "lunik.schema.kind"
local pattern = require "lunik.recipe.pattern"
local plain = require "lunik.schema.plain"
local suggest = require "lunik.text.suggest"

local WORDS = { "qmp", "agent", "ssh", "cloud-init" }

local EXPECTED = 'one of "qmp", "agent", "ssh", "cloud-init", "console: PATTERN" or a function '
                 .. "expected, got %s%s"

return { name = "ready",
  expects = 'one of "qmp", "agent", "ssh", "cloud-init", "console: PATTERN", or a function of the '
    .. "vm",
  read = function(value)
  if type(value) == "function" and not plain.shown(value) then
    return { kind = "function", call = value }
  end
  for _, each in ipairs(WORDS) do
    if value == each then return { kind = value } end
  end
  local text = type(value) == "string" and value:match "^console:%s*(.+)$"
  if text then
    local ok, why = pcall(pattern.compile, text, true)
    if not ok then return nil, why end
    return { kind = "console", pattern = text }
  end
  local hint = type(value) == "string"
    and suggest.hint(value, { "console", table.unpack(WORDS) }) or ""
  return nil, EXPECTED:format(kind.show(value), hint)
end }
