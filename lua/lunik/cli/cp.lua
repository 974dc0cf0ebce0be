-- SPDX-License-Identifier: MIT
-- `lunik cp`: files and directories between the host and a guest.
local attached = require "lunik.cli.attached"
local core = require "lunik.core"
local exit = require "lunik.exit"
local meter = require "lunik.cli.meter"
local portable = require "lunik.store.portable"
local printable = require "lunik.text.printable"
local shown = require "lunik.cli.shown"
local stream = require "lunik.cli.stream"

local cp = { name = "cp", summary = "copy files and directories into a guest, or out of it" }
cp.example = "lunik cp report.txt dev:/tmp"
cp.more = { "lunik cp -r dev:/var/log logs", "lunik cp -v disk.img dev:/tmp",
  "lunik cp --json dev:/etc/hosts ." }

function cp.args(command)
  command:argument("paths", "what is to be copied, and then where to: a path of the host, or "
    .. "MACHINE:/path of the guest; - is a file's bytes on standard input or output"):args "2+"
  command:flag("-r --recursive", "directories go with all that is in them: with or without this")
  command:flag("-v --verbose", "say of each by what it went: a mount that has the path, virtiofs "
    .. "(a mount that came for it), a stream, or ssh")
  command:flag("--json", "the same as JSON")
end

-- "dev:/etc" -> "dev", "/etc"; of the host: nil, path. A slash before the colon is a path's.
local function split(path)
  local machine, rest = path:match "^([^:/]+):(.*)$"
  return machine, rest or path
end

-- Which machine, whether into it, the paths without its name | nil, why
local function read(paths)
  local from, machine = {}, nil
  local into, to = split(paths[#paths])
  for i = 1, #paths - 1 do
    local one
    one, from[i] = split(paths[i])
    if (one ~= nil) == (into ~= nil) then
      return nil, one and "one side is the host: from one guest to another it is two copies"
        or ("one side is a guest: MACHINE:/path, such as dev:%s"):format(
             to:sub(1, 1) == "/" and to or "/tmp")
    elseif machine and one ~= machine then
      return nil, "what is copied at once comes from one machine"
    end
    machine = one
  end
  for _, path in ipairs(from) do
    if #from > 1 and (path == "-" and into or to == "-" and machine) then
      return nil, "- is one file's bytes: it is copied alone"
    end
  end
  return { machine = machine or into, into = into ~= nil, from = from, to = to }
end

-- What vm:copy_in or vm:copy_out is asked for one of the sources. Several go into a directory.
local function request(asked, from, loop, out)
  local to = #asked.from > 1 and asked.to .. "/." or asked.to
  if asked.into and from == "-" then return { source = stream.reader(loop), to = to } end
  if not asked.into and to == "-" then return { from = from, sink = stream.writer(out) } end
  return { from = from, to = to }
end

local function told(err, from, done)
  err:write("lunik cp: ", printable(from), ": ", shown.size(done.bytes), " by ", done.road, "\n")
end

-- What has gone, in one object: "from" as it was said.
local function as_json(name, copied)
  return core.json.encode { lunik = 1, name = name, copied = core.json.array(copied) } .. "\n"
end

local function copy(vm, loop, asked, out, err)
  local left_out, copied = false, {}
  for _, from in ipairs(asked.from) do
    local wanted = request(asked, from, loop, out)
    local gauge <close> = meter.new(err, printable(from))
    wanted.progress = gauge and function(...) gauge(...) end
    local done, why = (asked.into and vm.copy_in or vm.copy_out)(vm, wanted)
    if not done then return nil, printable(why, "\n") end
    if asked.verbose then told(err, from, done) end
    copied[#copied + 1] = { from = portable.text(from), bytes = done.bytes, road = done.road,
                            skipped = core.json.array(portable.encode(done.skipped)) }
    for _, each in ipairs(done.skipped) do
      err:write("lunik cp: not copied: ", printable(each), "\n")
      left_out = true
    end
  end
  if asked.json then out:write(as_json(vm.name, copied)) end
  return left_out and exit.problems or exit.ok
end

function cp.run(args, out, err)
  local asked, why = read(args.paths)
  if not asked then return nil, why, exit.usage end
  args.machine, asked.verbose, asked.json = asked.machine, args.verbose, args.json
  if args.json and not asked.into and asked.to == "-" then
    return nil, "standard output has the file's bytes, or JSON, not both", exit.usage
  end
  return attached.with(args, function(vm, loop)
    attached.hear(vm, err)
    return copy(vm, loop, asked, out, err)
  end, "what is not whole is taken away")
end

return cp
