-- SPDX-License-Identifier: MIT
-- Whether a real QEMU takes a form of an option: a case of spec/options, rendered, beside
-- what its `try` says. Taken is what reaches the main loop without a complaint.
--   try = { "-more", "arguments",
--     { file = "@dir/name", size = bytes, text = bytes, create = "qcow2" (an image of that format),
--       with = { more words for qemu-img }, fd = the number that QEMU gets it as },
--     { socket = true, fd = such a number }, { tap = true, fd = such a number },
--     first = true (they stand before the option), exits = true (QEMU prints and ends),
--     says = a pattern of what it may say, needs = { "root", "kvm", files that must be there } }
--   try = "why it cannot be tried"
local core = require "lunik.core"
local host = require "lunik.host"
local monitor = require "lunik.qmp.monitor"
local qemu = require "lunik.qemu"
local run = require "support.run"
local scratch = require "support.scratch"
local stat = require "posix.sys.stat"

local trial = {}

local seconds = 30
local monitor_fd = 100

-- What this build or its distribution lacks, as QEMU says it.
local absent = { " not available", "is not a valid char driver name",
  "There is no option group", "not compiled in",
  "Parameter 'type' does not accept value '[%w-]+'$" }

-- Said by a QEMU without its GUI packages, by TCG, of what stands in for a whole machine or
-- for the other end of a socket, and of what later versions will not have.
local harmless = { "ui%-ui%-", "ui%-opengl", "audio%-", "same build", "requested feature",
  "has no peer$", "with no nics$", "is not connected to host network$", " deprecated",
  "^VNC server running", "^WARNING: Image format", "Automatically detecting the format",
  "Specify the 'raw' format", "Unable to connect character device .*: No such file",
  "^%[I %+?[%d.]+%] ", "g_timer_elapsed", "Do not use kernel%-irqchip" }

-- "7.2" -> 7002
local function number(version)
  local major, minor = version:match "^(%d+)%.(%d+)"
  return tonumber(major) * 1000 + tonumber(minor)
end

local binaries = {}

-- { path, version } of an architecture's QEMU, or nil.
local function binary(arch)
  if binaries[arch] == nil then
    local path = host.program("qemu-system-" .. arch)
    local text = path and run.output { argv = { path, "-version" }, env = {} }
    binaries[arch] = text and { path = path, version = number(text:match "version ([%d.]+)") }
      or false
  end
  return binaries[arch]
end

local function arch_of(row, case) return case.arch or row.only and row.only[1] or "x86_64" end

local function lacking(needs)
  for _, each in ipairs(type(needs) == "table" and needs or { needs }) do
    if each == "root" and host.uid ~= 0 then return "needs to be root" end
    if each == "kvm" and not host.kvm() then return "needs a KVM that works" end
    if each:find "^/" and not host.kind(each) then return "needs " .. each end
  end
end

-- Why a case cannot be tried here, or nil.
function trial.obstacle(row, case)
  if type(case.try) == "string" then return case.try end
  local arch = arch_of(row, case)
  local found = binary(arch)
  if not found then return "needs qemu-system-" .. arch end
  for _, each in ipairs { case, row } do
    if each.since and found.version < number(each.since) then
      return "came with QEMU " .. each.since
    elseif each.removed and found.version >= number(each.removed) then
      return "went with QEMU " .. each.removed
    end
  end
  return lacking(case.try.needs)
end

local function place(text, dir) return (text:gsub("@dir", dir)) end

local function succeeds(argv, loop)
  local process <close> = assert(core.proc.spawn { argv = argv, path = true, env = {} })
  loop:wait(process:fd(), "r", seconds)
  return select(2, process:wait(0)) == 0
end

-- Encryption takes its time, in which others run; and it measures how fast it is, which at
-- times it cannot, and fails.
local function create(path, each, dir, loop)
  local argv = { "qemu-img", "create", "-q", "-f", each.create, path, tostring(each.size) }
  for _, word in ipairs(each.with or {}) do argv[#argv + 1] = place(word, dir) end
  for _ = 1, 10 do
    if succeeds(argv, loop) then return end
  end
  error(table.concat(argv, " "))
end

local function write(path, each, dir, loop)
  for upto in path:sub(#dir + 2):gmatch "()/" do stat.mkdir(path:sub(1, #dir + upto)) end
  if each.create then create(path, each, dir, loop)
  else scratch.write(path, each.text or ("\0"):rep(each.size or 0)) end
  return path
end

-- Makes what a case asks for beside words: a handle that becomes its descriptor, the number.
local function resource(each, dir, loop)
  if each.socket then
    local ours, theirs = core.chan.pair()
    return theirs, theirs:fd(), ours
  elseif each.tap then
    local tap = assert(core.tap.open("lunik%d", { vnet_hdr = true }))
    return tap, tap:fd()
  end
  local path = write(place(each.file, dir), each, dir, loop)
  local file = assert(io.open(path, "r+"))
  return file, require "posix.stdio".fileno(file)
end

-- The words of a case, the descriptors that QEMU gets, and handles to close once it has them.
local function prepare(try, dir, loop)
  local words, fds, open = {}, {}, {}
  for _, each in ipairs(try) do
    if type(each) == "string" then
      words[#words + 1] = place(each, dir)
    else
      local handle, fd, peer = resource(each, dir, loop)
      open[#open + 1], open[#open + 2] = handle, peer
      if each.fd then fds[each.fd] = fd end
    end
  end
  return words, fds, open
end

local function command(row, case, arch, dir, words)
  local entry = assert(qemu.entry(row[1], case[1]))
  local option = { entry[1], entry.verbatim }
  if not entry.verbatim then option = assert(core.argv.render { entry }) end
  option[2] = option[2] and place(option[2], dir)
  local argv = { binary(arch).path, "-S", "-display", "none" }
  for _, list in ipairs(case.try.first and { words, option } or { option, words }) do
    table.move(list, 1, #list, #argv + 1, argv)
  end
  table.move({ "-chardev", "socket,id=trial,fd=" .. monitor_fd, "-mon",
    "chardev=trial,mode=control" }, 1, 4, #argv + 1, argv)
  return argv
end

-- Starts QEMU: its process and our end of its monitor. What it says goes to the file `said`.
local function start(argv, fds, dir)
  local ours, theirs = core.chan.pair()
  local said = assert(io.open(dir .. "/said", "w"))
  fds[monitor_fd], fds[2] = theirs:fd(), require "posix.stdio".fileno(said)
  local process = assert(core.proc.spawn { argv = argv, fds = fds, cwd = dir, pdeathsig = 9,
    session = true,
    env = { "PATH=" .. os.getenv "PATH", "HOME=" .. dir, "XDG_RUNTIME_DIR=" .. dir,
            "QEMU_AUDIO_DRV=none" } })      -- boards with sound of their own try what is here
  theirs:close()
  said:close()
  return process, ours
end

-- Everything said but what is harmless.
local function complaints(dir, says)
  local lines = {}
  for line in scratch.read(dir .. "/said"):gmatch "[^\n]+" do
    local fine = says and line:find(says)
    for _, pattern in ipairs(harmless) do fine = fine or line:find(pattern) end
    if not fine then lines[#lines + 1] = (line:gsub(dir, "@dir")) end
  end
  return table.concat(lines, "\n")
end

-- Whether QEMU got as far as its main loop.
local function reached(loop, chan)
  local speaking = assert(monitor.open(loop, chan))
  local ok = speaking:handshake(seconds)
  if ok then speaking:exec("quit", nil, seconds) end
  speaking:close()
  return ok
end

local function ended(loop, process)
  if not loop:wait(process:fd(), "r", seconds) then process:signal(9) end
  local how, code = process:wait(seconds)
  process:close()
  return how == "exited" and code == 0
end

local function verdict(case, up, clean, said)
  if case.try.exits then return not up and clean and "accepted" or "refused" end
  if up and clean and said == "" then return "accepted" end
  for _, pattern in ipairs(absent) do
    if not up and said:find(pattern) then return "absent" end
  end
  return "refused"
end

-- In a task of `loop`: "accepted" | "absent" | "refused", what QEMU said, its arguments.
function trial.run(loop, row, case)
  local dir = scratch.new()
  local _ <close> = setmetatable({}, { __close = function() scratch.remove(dir) end })
  local words, fds, open = prepare(case.try, dir, loop)
  local argv = command(row, case, arch_of(row, case), dir, words)
  local process, chan = start(argv, fds, dir)
  local up = reached(loop, chan)
  local clean = ended(loop, process)
  for _, handle in ipairs(open) do handle:close() end
  local said = complaints(dir, case.try.says)
  return verdict(case, up, clean, said), said, table.concat(argv, " "):gsub(dir, "@dir")
end

return trial
