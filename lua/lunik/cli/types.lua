-- SPDX-License-Identifier: MIT
-- `lunik types`: what editors and luacheck know of recipes, for the QEMU that is installed.
local addon = require "lunik.cli.addon"
local core = require "lunik.core"
local exit = require "lunik.exit"
local host = require "lunik.host"
local printable = require "lunik.text.printable"

local types = { name = "types", summary = "write what editors complete recipes by" }
types.example = "lunik types"
types.more = { "lunik types --qemu /opt/qemu/bin/qemu-system-x86_64 --to types --json" }

function types.args(command)
  command:argument("folder", "where .luarc.json is to be; left out: the current folder"):args "?"
  command:option("--qemu", "the QEMU whose devices are to be known; left out: this host's own")
    :argname "PATH"
  command:option("--to", "where the addon is to be; left out: below ~/.local/share/lunik/types")
    :argname "FOLDER"
  command:flag("--json", "what was written, as JSON")
end

-- What is known of the QEMU: its knowledge | nil, why, exit code where it was asked for
local function knowledge(args)
  local binary = addon.binary(args.qemu)
  local path = host.program(binary)
  if not path then return nil, ("no %s here"):format(printable(binary)) end
  return host.caps(path)
end

local function place(args)
  local folder = args.folder or ""
  if folder ~= "" and host.kind(folder) ~= "directory" then
    return nil, printable(folder) .. ": no such folder"
  end
  return folder == "" and "" or folder:gsub("/*$", "") .. "/"
end

-- Editors do not see it from here.
local function absolute(path)
  return path:find "^/" and path or host.real "." .. "/" .. path
end

local function report(args, made, luarc, known, out)
  if args.json then
    local list = core.json.array {}
    for i, path in ipairs(made.files) do list[i] = printable(path) end
    list[#list + 1] = luarc and printable(luarc)
    out:write(core.json.encode { lunik = 1, folder = printable(made.folder), written = list,
      qemu = known and known:version() or nil, devices = made.counts.device,
      objects = made.counts.object }, "\n")
    return
  end
  out:write("wrote ", printable(made.folder))
  if known then
    out:write((": %d devices and %d object types of QEMU %s"):format(made.counts.device,
      made.counts.object, (known:version())))
  end
  out:write "\n"
  if luarc then out:write("wrote ", printable(luarc), "\n") end
  out:write(("for luacheck, in .luacheckrc: stds.recipe = dofile %q\n"):format(
    printable(made.folder) .. "/luacheck.lua"))
end

function types.run(args, out, err)
  local folder, why = place(args)
  if not folder then return nil, why end
  local known
  known, why = knowledge(args)
  if not known and args.qemu then return nil, why end
  if not known then err:write("lunik: only what lunik knows itself: ", why, "\n") end
  local to = args.to and absolute(args.to) or addon.folder(addon.binary(args.qemu))
  local made
  made, why = addon.write(to, known)
  if not made then return nil, why end
  local luarc
  luarc, why = addon.luarc(folder, made.library)
  if why then err:write("lunik: ", why, "\n") end
  report(args, made, luarc, known, out)
  return exit.ok
end

return types
