-- SPDX-License-Identifier: MIT
-- `lunik cp`: files and directories between the host and a guest.
local attached = require "lunik.cli.attached"
local exit = require "lunik.exit"
local meter = require "lunik.cli.meter"
local printable = require "lunik.text.printable"
local stream = require "lunik.cli.stream"

local cp = { name = "cp", summary = "copy files and directories into a guest, or out of it" }
cp.example = "lunik cp report.txt dev:/tmp"

function cp.args(command)
  command:argument("paths", "what is to be copied, and then where to: a path of the host, or "
    .. "MACHINE:/path of the guest; - is a file's bytes on standard input or output"):args "2+"
  command:flag("-r --recursive", "directories go with all that is in them: with or without this")
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

local function copy(vm, loop, asked, out, err)
  local left_out = false
  for _, from in ipairs(asked.from) do
    local wanted = request(asked, from, loop, out)
    local gauge <close> = meter.new(err, printable(from))
    wanted.progress = gauge and function(...) gauge(...) end
    local done, why = (asked.into and vm.copy_in or vm.copy_out)(vm, wanted)
    if not done then return nil, printable(why, "\n") end
    for _, each in ipairs(done.skipped) do
      err:write("lunik cp: not copied: ", printable(each), "\n")
      left_out = true
    end
  end
  return left_out and exit.problems or exit.ok
end

function cp.run(args, out, err)
  local asked, why = read(args.paths)
  if not asked then return nil, why, exit.usage end
  args.machine = asked.machine
  return attached.with(args, function(vm, loop)
    attached.hear(vm, err)
    return copy(vm, loop, asked, out, err)
  end, "what is not whole is taken away")
end

return cp
