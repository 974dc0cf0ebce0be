-- SPDX-License-Identifier: MIT
-- `lunik plan`: everything that `run` would do, and nothing done.
local arguments = require "lunik.cli.arguments"
local core = require "lunik.core"
local exit = require "lunik.exit"
local printable = require "lunik.text.printable"

local plan = { name = "plan", summary = "print what running the machine would do" }
plan.example = "lunik plan vm.lua"
plan.more = { "lunik plan vm.lua --set memory=8G --json" }

function plan.args(command)
  arguments.recipe(command)
  command:flag("--json", "as JSON")
end

local function overlay(file)
  return ("overlay %s on %s (%s)%s"):format(file.path, file.base, file.base_format,
    file.keep and ", kept" or ", thrown away at the end")
end

local function image(file)
  return ("image %s, %s, %d bytes, if it is not there"):format(file.path, file.format, file.size)
end

local function copy(file)
  return ("copy %s of %s%s"):format(file.path, file.base,
    file.keep and ", if it is not there" or ", thrown away at the end")
end

local function seed(file)
  return ("seed %s for cloud-init: host %s%s"):format(file.path, file.hostname,
    file.user and ", user " .. file.user or "")
end

local function credential(file)
  return ("credential %s of the guest's systemd: %s"):format(file.path, file.name)
end

local made = { overlay = overlay, image = image, copy = copy, seed = seed,
  credential = credential }

-- The sections, each a title and a line for each of its rows.
local sections = {
  { "files", function(p) return p.files end,
    function(file) return made[file.kind](file) end },
  { "helpers", function(p) return p.helpers end, function(helper)
    local share = helper.share
    return core.argv.shell(helper.argv) .. (share and ("\n    shares %s%s"):format(share.from,
      share.readonly and ", read-only" or "") or "")
  end },
  { "sockets and descriptors", function(p) return p.descriptors end, function(row)
    return ("%s: %s %s"):format(row.name, row.kind, row.path or row.ifname or row.bridge
      or row.helper or "")
  end },
  { "folder that QEMU runs in", function(p) return { p.cwd } end,
    function(cwd) return cwd end },
  { "qmp before the start", function(p) return p.qmp end, function(command)
    return core.json.encode(command)
  end },
  { "forwards", function(p) return p.forwards end, function(f)
    return ("%s: %s %s:%s -> guest port %d"):format(f.name, f.protocol, f.address,
      f.port == 0 and "(chosen)" or f.port, f.guest)
  end },
  { "mounts in the guest", function(p) return p.guest.mounts end, function(mount)
    return ("%s %s on %s%s"):format(mount.type, mount.tag, mount.to, mount.readonly
      and ", read-only" or "")
  end },
  { "notes", function(p) return p.notes end, function(note) return note end },
  { "missing here", function(p) return p.lacks end,
    function(lack) return require "lunik.schema.check".text(lack) end },
}

local function print_sections(p, out)
  for _, section in ipairs(sections) do
    local rows = section[2](p)
    if #rows > 0 then
      out:write(section[1], ":\n")
      for _, row in ipairs(rows) do out:write("  ", printable(section[3](row), "\n"), "\n") end
    end
  end
end

local function print_command(title, list, out)
  out:write(title, ":\n")
  local line = "  " .. core.argv.shell { list[1] }
  for i = 2, #list do
    local word = printable(core.argv.shell { list[i] })
    if list[i]:sub(1, 1) == "-" then
      out:write(line, "\n")
      line = "    " .. word
    else
      line = line .. " " .. word
    end
  end
  out:write(line, "\n")
end

local function json(p, machine, full)
  local array = core.json.array
  return core.json.encode { lunik = 1, name = p.name, argv = machine, full = full,
    runtime = p.runtime, state = p.state, files = array(p.files), helpers = array(p.helpers),
    descriptors = array(p.descriptors), qmp = array(p.qmp), cwd = p.cwd,
    forwards = array(p.forwards), mounts = array(p.guest.mounts), notes = array(p.notes) }
end

function plan.run(args, out)
  local p, why, code = arguments.plan(args, { anyway = true })
  if not p then return nil, why, code end
  local machine, full
  machine, why = p:command "paste"
  full = machine and p:command("paste", true)
  if not machine then return nil, why end
  if args.json then
    local text
    text, why = json(p, machine, full)
    if not text then return nil, why end
    out:write(text, "\n")
    return exit.ok
  end
  print_sections(p, out)
  print_command("machine", machine, out)
  print_command("control", { full[1], table.unpack(full, #machine + 1) }, out)
  return exit.ok
end

return plan
