-- SPDX-License-Identifier: MIT
-- `lunik mount`: a directory of the host in a running guest.
local arguments = require "lunik.cli.arguments"
local attached = require "lunik.cli.attached"
local core = require "lunik.core"
local device = require "lunik.device"
local exit = require "lunik.exit"
local fields = require "lunik.cli.fields"
local host = require "lunik.host"
local name = require "lunik.device.name"
local portable = require "lunik.store.portable"
local shown = require "lunik.cli.shown"

local mount = { name = "mount", summary = "mount a directory of the host in a running guest",
                lone = true }
mount.example = "lunik mount dev ~/src --readonly"
mount.more = {
  "lunik mount dev ~/src --to /src --tag src --cache never --owner 1000:1000 --timeout 30s",
  "lunik mount -m dev ~/src --posix-acl --announce-submounts --on-death remount --json",
  "lunik mount dev ~/src --no-xattr --no-announce-submounts --port rp3 --no-mount",
  "lunik mount dev ~/src --devices --suid" }
mount.hints = { ["too many arguments"] =
  "where the guest has it is said by --to: lunik mount dev ~/src --to /src" }

-- Words for options that mean something else here than in a recipe.
local DOCS = { to = "where the guest has it; default: /mnt/ and its tag" }

local function row()
  return device.row("mount", device.family "mount".kinds[1])
end

function mount.args(command, how)
  arguments.target(command, how, mount.lone)
  command:argument("directory", "of the host")
  fields.options(command, row(), { from = true }, DOCS)
  command:option("--port", "the port to take, as `lunik slots` names it")
  command:flag("--no-mount", "only plug it: the guest mounts it by itself")
  command:option("--timeout", "for a guest that is booting, such as 30s")
  command:flag("--json", "as JSON")
end

-- Says what is left to do, by hand or by itself later | nil
local function remaining(one)
  if one.by_hand then return one.by_hand end
  if one.later and one.later:find("paused", 1, true) then
    return one.later .. "; it is mounted when the guest runs"
  elseif one.later and one.later:find("has closed its port", 1, true) then
    return one.later .. "; it is mounted when the agent is back"
  elseif one.later then
    return "the guest does not answer yet: it is mounted when it does"
  end
end

-- A machine's name where a directory is expected: the one word is not the machine | nil
local function no_directory(args)
  local path = args.directory
  if args.machine or path:find("/", 1, true) or host.kind(host.real(path)) then return nil end
  for _, known in ipairs(require "lunik.supervisor.machines".known()) do
    if known == path then
      return ("which directory? lunik mount %s DIRECTORY"):format(path)
    end
  end
end

function mount.run(args, out, err)
  local unsaid = no_directory(args)
  if unsaid then return nil, unsaid, exit.usage end
  local seconds, why, code = attached.seconds(args, "timeout")
  if seconds == false then return nil, why, code end
  local path = args.directory
  if path:sub(1, 1) ~= "/" then path = require "posix.unistd".getcwd() .. "/" .. path end
  local asked = fields.read(args, row())
  asked.from, asked.port, asked.seconds = host.real(path), args.port, seconds
  if not args.no_mount and not asked.to then
    asked.to = "/mnt/" .. (asked.tag or name.from_path(asked.from, #asked.from))
  end
  return attached.with(args, function(vm)
    local one, reason = vm:mount(asked)
    if not one then return nil, (reason:gsub("^mount: ", "")), exit.problems end
    if args.json then
      out:write(core.json.encode { lunik = 1, name = vm.name, mount = portable.encode(one) },
        "\n")
    else
      out:write(shown.mount(one), "\n")
      local left = remaining(one)
      if left then err:write(vm.name, ": ", left, "\n") end
    end
    if one.note then err:write(vm.name, ": ", shown.text(one.note), "\n") end
    return exit.ok
  end, attached.FINISHES)
end

return mount
