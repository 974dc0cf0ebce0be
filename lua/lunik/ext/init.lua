-- SPDX-License-Identifier: MIT
-- What extensions are made with. What is here keeps its name and its meaning; any other module of
-- lunik's may move.
--   kind      kinds of fields: kind.string, kind.size, kind.path "directory", kind.one_of { … }
--   check     check(value, …) of whole rows: lunik.schema.check
--   qemu      entries of a command line: plan:add(qemu.device { "virtio-rng-pci" })
--   mount     what kinds of mount share: mount.in_guest (a path of the guest's), mount.fields,
--             mount.complete, mount.check, mount.id
--   name      tags and ids from paths: name.from_path(path, longest)
--   suggest   suggest.hint(wrong, names): "; did you mean 'x'?", or nothing
--   exit      exit codes of verbs
--   list      list(t): a list in JSON, also when it is empty
--   machine   machine(command): the argument of a verb about one running machine
--   attached  attached(args, fn(vm)): what fn returns, called with that machine's vm
local homes = { kind = "lunik.schema.kind", check = "lunik.schema.check", qemu = "lunik.qemu",
  mount = "lunik.device.mount.share", name = "lunik.device.name", suggest = "lunik.text.suggest",
  exit = "lunik.exit" }

local tools = {}

function tools.list(values) return require "lunik.core".json.array(values) end

function tools.machine(command) require "lunik.cli.arguments".machine(command) end

function tools.attached(args, fn)
  local attached = require "lunik.cli.attached"
  return attached.with(args, fn, attached.FINISHES)
end

return setmetatable(tools, { __metatable = false, __index = function(_, name)
  return homes[name] and require(homes[name])
end })
