-- SPDX-License-Identifier: MIT
-- The words that a recipe is written with, beside the families of devices (lunik.device) and
-- Lua's own. A row each; the environment offers what has a row, and docs and editor types are
-- printed from it:
--   name     as the recipe writes it; "host.run" is a member of `host`
--   call     how it is used
--   phase    when: reading (the recipe is read) | running (in hooks of a machine that runs) | both
--   doc      one line
--   example  a line of a recipe
--   params   for editors: { name, type } each; `returns`: the type of the result
--   type     for editors: of a name that is no function
local points = require "lunik.hook.points"

local words = {}

-- Lua's own names that a recipe has: harmless, and bounded where they could take long.
words.lua = "_G _VERSION assert error getmetatable ipairs math next pairs pcall rawequal rawget "
  .. "rawlen select setmetatable string table tonumber tostring type utf8 xpcall"

local fields = { { "fields", "table" } }

-- What a recipe does by itself while its machine runs has its row among the hooks.
local function routine(name, example, params)
  for _, row in ipairs(points.routines) do
    if row.name == name then
      return { name = name, call = row.call, phase = "reading", doc = row.doc, example = example,
        params = params, returns = "lunik.item" }
    end
  end
end

local function unit(name, bytes)
  return { name = name, call = name .. "(count)", phase = "both",
    doc = ("a size of so many times %s bytes, where a size is expected"):format(bytes),
    example = ("memory = %s(2)"):format(name), params = { { "count", "number" } },
    returns = "table" }
end

words.rows = {
  { name = "machine", call = "machine { … }", phase = "reading",
    doc = "the machine: its fields, and its items among them; what a recipe returns",
    example = 'return machine { memory = "2G", disk { file = "debian.qcow2" } }',
    params = { { "fields", "lunik.machine" } }, returns = "lunik.item" },
  { name = "part", call = "part { … }", phase = "reading",
    doc = "a piece of a machine, fields and items, which stands among the items of one",
    example = 'local function desk() return part { display = "gtk", usb {} } end',
    params = { { "fields", "lunik.machine" } }, returns = "lunik.item" },
  { name = "on", call = "on(point, function(…) … end)", phase = "reading",
    doc = "a hook: called at a hook point, or at an event of QEMU's",
    example = 'on("ready", function(vm) print(vm:forward "ssh") end)',
    params = { { "point", "string" }, { "hook", "fun(...)" } }, returns = "lunik.item" },
  routine("every", 'every("10m", function(vm) vm:exec { "fstrim", "-a" } end)',
    { { "seconds", "number|string" }, { "fn", "fun(vm: table)" } }),
  routine("watch", 'watch("out", function(_, change) print(change.kind, change.name) end)',
    { { "folder", "string" }, { "fn", "fun(vm: table, change: table)" } }),
  { name = "provision", call = "provision { … }", phase = "reading",
    doc = "what is done in the guest once, when it is ready for the first time on its disk: shell "
      .. "commands and functions of the vm in their order, or file = a program of the host's; by "
      .. "root. What fails stops `up`, and is gone on with by `lunik provision`",
    example = 'provision { "apt-get update", "apt-get install -y git" }', params = fields,
    returns = "lunik.item" },
  { name = "qemu", call = "qemu.NAME { … }", phase = "reading",
    doc = "an option of QEMU, typed and checked; docs/qemu.md has them all",
    example = 'qemu.rtc { base = "utc", driftfix = "slew" }',
    type = "lunik.qemu" },
  { name = "device", call = "device { driver, … }", phase = "reading",
    doc = "the same as qemu.device",
    example = 'device { "virtio-rng-pci", max_bytes = 1024 }', params = fields,
    returns = "lunik.item" },
  { name = "object", call = "object { type, … }", phase = "reading",
    doc = "the same as qemu.object",
    example = 'object { "rng-random", id = "rng0" }', params = fields, returns = "lunik.item" },
  { name = "raw", call = "raw { … }", phase = "reading",
    doc = "words for QEMU's command line as they are, unchecked: the last resort",
    example = 'raw { "-option-of-tomorrow", "value" }', params = fields, returns = "lunik.item" },
  { name = "todo", call = "todo(text)", phase = "reading",
    doc = "what is left to do before the machine can start: a problem at this line",
    example = 'todo "how large is its second disk?"', params = { { "text", "string" } },
    returns = "lunik.item" },
  unit("KiB", "1024"), unit("MiB", "1024²"), unit("GiB", "1024³"), unit("TiB", "1024⁴"),
  { name = "env", call = "env(name)", phase = "both",
    doc = "a variable of the environment, or nil",
    example = 'memory = env "VM_MEMORY" or "2G"', params = { { "name", "string" } },
    returns = "string?" },
  { name = "read", call = "read(path)", phase = "reading",
    doc = "the text of a file in the recipe's folder or below it",
    example = 'append = read "cmdline.txt"', params = { { "path", "string" } },
    returns = "string" },
  { name = "require", call = "require(name)", phase = "reading",
    doc = 'a Lua file beside the recipe, run once; or an installed extension, "lunik.ext.NAME"',
    example = 'local common = require "common"', params = { { "name", "string" } },
    returns = "any" },
  { name = "print", call = "print(…)", phase = "both",
    doc = "to standard error; in a hook to whoever started the machine, and to its log",
    example = 'print("reading on " .. host.arch)', params = { { "...", "any" } } },
  { name = "host", call = "host", phase = "both", doc = "facts of the host",
    example = "cpus = host.cpus // 2", type = "lunik.host" },
  { name = "host.arch", call = "host.arch", phase = "both", doc = "its architecture, as uname says",
    example = 'host.arch == "x86_64"', type = "string" },
  { name = "host.cpus", call = "host.cpus", phase = "both", doc = "how many CPUs it has",
    example = "cpus = host.cpus", type = "integer" },
  { name = "host.memory", call = "host.memory", phase = "both", doc = "its memory in bytes",
    example = "host.memory > 16 << 30", type = "integer" },
  { name = "host.user", call = "host.user", phase = "both", doc = "the name of the user",
    example = 'name = "dev-" .. host.user', type = "string" },
  { name = "host.run", call = "host.run { program, … }", phase = "running",
    doc = "runs a program of the host to its end: its status, what it wrote to standard output and "
      .. "to standard error; nil and why, also where one of them is over 16 MiB. `seconds` limits "
      .. "it, `cwd` is its folder",
    example = 'host.run { "git", "fetch", cwd = "/src", seconds = 60 }',
    type = "fun(argv: table): integer?, string, string?" },
}

local by_name = {}
for _, row in ipairs(words.rows) do by_name[row.name] = row end

-- The row of a word | nil
function words.find(name) return by_name[name] end

return words
