-- SPDX-License-Identifier: MIT
-- What the machine's field `firmware` may hold.
local kind = require "lunik.schema.kind"
local sorted = require "lunik.text.sorted"
local suggest = require "lunik.text.suggest"

-- A file by the name that is written: links to one code stand for different variables.
local function file_as_named(value, context)
  local found, why = kind.path "file".read(value, context)
  if not found then return nil, why end
  return kind.absolute(value, context)
end

local as_named = { name = "path", expects = "a path", read = file_as_named }

local members = kind.record("such as { kind = \"uefi\", secure = true }", {
  kind = kind.one_of { "uefi", "bios" }, secure = kind.bool, code = as_named, vars = as_named,
  store = kind.path(), log = kind.either(kind.bool, kind.path()) })

-- Canonical: "bios", "uefi", an absolute path, or its members.
return { name = "firmware",
  expects = '"bios", "uefi", a path, or { kind =, secure =, code =, vars =, store =, log = }',
  forms = {
    { write = '"bios"', doc = "QEMU's own, SeaBIOS (x86)" },
    { write = '"uefi"', doc = "the first that is installed for the machine, by QEMU's "
      .. "descriptors" },
    { write = '"FILE"', doc = "this image; where a descriptor knows it as code, with its "
      .. "variables" },
    { write = "{ secure = true }", doc = "UEFI that starts only what is signed, with the vendors' "
      .. "keys; on x86 it brings SMM" },
    { write = "{ code = FILE, vars = FILE }", doc = "these images: the variables are a template, "
      .. "and copied" },
    { write = "{ store = FILE }", doc = "where the machine's own variables are kept; default: "
      .. "with the machine, as long as its disk" },
    { write = "{ log = true }", doc = "what it says on the debug port goes to a log, or to the "
      .. "file that is named (x86)" } },
  shown = function(value)
    local words = {}
    for _, name in ipairs(sorted(value)) do
      words[#words + 1] = ("%s = %s"):format(name, type(value[name]) == "string"
        and kind.show(value[name]) or tostring(value[name]))
    end
    return ("{ %s }"):format(table.concat(words, ", "))
  end,
  read = function(value, context)
  if value == "bios" or value == "uefi" then return value end
  if type(value) == "table" then return members.read(value, context) end
  local path, why = file_as_named(value, context)
  if path then return path end
  if type(value) ~= "string" then
    return nil, ('"bios", "uefi", a path or a table expected, got %s'):format(kind.show(value))
  end
  return nil, why .. (why:find("did you mean", 1, true) and ""
    or suggest.hint(value, { "bios", "uefi" }))
end }
