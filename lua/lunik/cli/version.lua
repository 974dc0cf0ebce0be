-- SPDX-License-Identifier: MIT
-- `lunik version`: of lunik and of what it found on this host.
local core = require "lunik.core"
local exit = require "lunik.exit"
local extensions = require "lunik.extensions"
local host = require "lunik.host"
local lunik = require "lunik"

local version = { name = "version", summary = "print versions, and what this host can do" }
version.example = "lunik version"
version.more = { "lunik version --json" }

function version.args(command)
  command:flag("--json", "as JSON")
end

-- The extensions that are installed, as `lunik version --json` has them.
local function installed()
  local list = core.json.array {}
  for i, each in ipairs(extensions.all()) do
    list[i] = { name = each.name, version = each.version, file = each.file, why = each.wrong }
  end
  return list
end

-- What `lunik version --json` has.
function version.facts()
  local program = host.program("qemu-system-" .. host.arch)
  local works, why = host.kvm()
  local daemon = host.virtiofsd()
  return { lunik = 1, version = lunik.version, lua = _VERSION,
    qemu = program and { path = program, version = host.version_of(program) } or nil,
    virtiofsd = daemon and { path = daemon.path, make = daemon.make } or nil,
    extensions = installed(),
    kvm = { works = works or false, why = why } }
end

function version.run(args, out)
  local found = version.facts()
  if args.json then
    out:write(core.json.encode(found), "\n")
    return exit.ok
  end
  out:write(("lunik %s, %s\n"):format(found.version, found.lua))
  out:write(found.qemu and ("qemu %s, %s\n"):format(found.qemu.version or "?", found.qemu.path)
    or "qemu: not found\n")
  out:write(found.virtiofsd and ("virtiofsd (%s), %s\n"):format(found.virtiofsd.make,
    found.virtiofsd.path)
    or "virtiofsd: not found\n")
  out:write(found.kvm.works and "kvm works\n" or ("kvm does not work: %s\n"):format(found.kvm.why))
  for _, each in ipairs(found.extensions) do
    out:write(("extension %s%s, %s\n"):format(each.name, each.version and " " .. each.version or "",
      each.file))
  end
  return exit.ok
end

return version
