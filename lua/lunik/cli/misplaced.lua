-- SPDX-License-Identifier: MIT
-- Words in a machine's place that are none: what may have been meant, and what to type then.
local machines = require "lunik.supervisor.machines"
local printable = require "lunik.text.printable"

-- The machine's name among the other words: it was typed second | nil
local function later(args)
  for _, key in ipairs { "directory", "file", "mount", "device", "keys", "command" } do
    local word = args[key]
    if type(word) == "string" and machines.remembered(word) then return word end
  end
end

local function is_family(args)
  for _, name in ipairs(require "lunik.hotplug.request".families()) do
    if name == args.machine then return true end
  end
end

-- What the first word of a verb may be, and the line that has it where it belongs; only(args):
-- whether there is reason to think so; `path`: it may be one, which other words are not.
local ROWS = {
  exec = { "the program", "lunik exec NAME -- %s" },
  ssh = { "the program", "lunik ssh NAME %s", only = function(args) return args.command end },
  shell = { "a program", "lunik exec -t NAME -- %s" },
  qmp = { "the command", "lunik qmp NAME %s" },
  plug = { "the family", "lunik plug NAME %s FIELD=VALUE", only = is_family },
  cdrom = { "the medium", "lunik cdrom NAME %s", path = true },
  mount = { "the directory", "lunik mount NAME %s", path = true, only = later },
  unmount = { "the mount", "lunik unmount NAME %s", only = later },
  unplug = { "the device", "lunik unplug NAME %s", only = later },
  sendkey = { "a key", "lunik sendkey NAME %s", only = later },
}

-- What to type where the first word of `args` is no machine's name: "; if …" | ""
local function misplaced(args)
  local word, row = args.machine, ROWS[args.verb]
  if not row or args.said or not word or machines.remembered(word) then return "" end
  if word:find "/" and not row.path or row.only and not row.only(args) then return "" end
  local line = row[2]:gsub("NAME", later(args) or "NAME")
  return ("; if '%s' is %s: %s"):format(printable(word), row[1], line:format(printable(word)))
end

return misplaced
