-- SPDX-License-Identifier: MIT
-- The files that `make docs` prints from rows, in its order: path, and the function that gives the
-- text. The index of QEMU's options comes first, since everything else looks rows up in it.
local function from(module, name)
  return function()
    local printer = require("lunik.reference" .. module)
    return (name and printer[name] or printer)()
  end
end

return {
  { "lua/lunik/qemu/index.lua", function() return require "lunik.qemu.modules".text() end },
  { "docs/qemu.md", from(".qemu", "markdown") },
  { "docs/reference.md", from("", "markdown") },
  { "types/recipe.lua", from("", "types") },
  { "types/qemu.lua", from(".editor", "options") },
  { "types/hooks.lua", from(".editor", "hooks") },
  { "types/luacheck.lua", from ".luacheck" },
  { "docs/vm.md", from(".vm", "markdown") },
  { "types/vm.lua", from(".vm", "types") },
  { "types/lunik.lua", from(".api", "types") },
  { "types/lunik/loop.lua", from(".api", "loop_types") },
  { "docs/control.md", from(".control", "markdown") },
  { "docs/lua.md", from(".api", "markdown") },
  { "docs/troubleshooting.md", from(".messages", "markdown") },
  { "docs/problems.md", from(".problems", "markdown") },
}
