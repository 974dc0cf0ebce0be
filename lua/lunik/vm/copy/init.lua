-- SPDX-License-Identifier: MIT
-- Files and trees between the host and the guest, wherever it is asked for: by a mount that has the
-- path, which is a copy on the host; else, a large file into the guest, by a mount that comes for
-- it; else by a stream of the guest's; else by ssh. What comes is made aside and renamed at the
-- end.
local codes = require "lunik.codes"
local core = require "lunik.core"
local errno = require "posix.errno"
local exec = require "lunik.vm.streams.exec"
local fcntl = require "posix.fcntl"
local file = require "lunik.system.file"
local held = require "lunik.vm.copy.held"
local lent = require "lunik.vm.copy.lent"
local mode = require "lunik.system.mode"
local pack = require "lunik.vm.copy.pack"
local receive = require "lunik.vm.copy.receive"
local script = require "lunik.vm.copy.script"
local shape = require "lunik.vm.guest.shape"
local spot = require "lunik.vm.copy.spot"
local ssh = require "lunik.vm.streams.ssh"
local stage = require "lunik.vm.copy.stage"
local stat = require "posix.sys.stat"
local tar = require "lunik.vm.copy.tar"
local unistd = require "posix.unistd"

local copy = {}

local NO_ROAD = "the guest's agent carries no streams now, and the machine has no ssh {}"

local function not_below(name, path)
  if path:sub(1, 1) ~= "/" then
    return ("%s:%s: a path in the guest begins with /: %s:/%s"):format(name, path, name, path)
  elseif path:find "%z" then
    return ("%s:%s: a path has no NUL byte"):format(name, path)
  end
end

-- Counts what goes, for whoever follows it.
local function counter(job)
  return function(count)
    job.bytes = job.bytes + count
    if job.progress then job.progress(job.bytes, job.total) end
  end
end

-- By a stream. A guest that has none yet is heard of first: its agent may only be late.
local function stream(job, asked)
  local doors = { open = job.doors.open, close = job.doors.close, leave = job.doors.leave }
  job.road = "stream"
  local done, why, code = exec.run(job.loop, doors, asked)
  if done or codes.word(code) ~= "unsupported" then return done, why, code end
  local heard, silent, word = job.doors.captured { argv = { "true" } }
  if not heard then held.fail(job.name, word, silent) end
  if heard.note then return nil, heard.note, "unsupported" end
  return exec.run(job.loop, doors, asked)
end

local function by_ssh(job, asked)
  local argv, no_ssh = job.ssh_argv(asked.argv)
  if not argv then held.fail(job.name, "unreachable", ("%s (%s)"):format(NO_ROAD, no_ssh)) end
  job.road = "ssh"
  return ssh.run(job.loop, argv, job.env, asked)
end

-- Runs a script in the guest, with streams, by the first road that there is: true | raises
local function run(job, words, streams)
  local asked = { argv = { "sh", "-c", words[1], "lunik", table.unpack(words, 2) },
                  stdin = streams.stdin, stdout = streams.stdout, gone = streams.gone }
  local done, why, code = stream(job, asked)
  if not done and codes.word(code) == "unsupported" then done, why, code = by_ssh(job, asked) end
  if not done then error({ why = job.name .. ": " .. why, code = code }, 0) end
  if done.status == 0 then return end
  if done.status == script.UNREAD then error({ why = "unread", code = lent.UNREAD }, 0) end
  local said = shape.shown(done.err):gsub("%s+$", "")
  if done.status == script.WRONG or done.status == script.MISSING then
    error({ why = job.name .. ":" .. said,
            code = done.status == script.MISSING and "missing" or "failed" }, 0)
  end
  error({ why = ("%s:%s: %s"):format(job.name, words.path, said ~= "" and said
    or done.signal and ("ended there by signal %d"):format(done.signal)
    or ("status %d"):format(done.status)), code = "failed" }, 0)
end

-- What is to be copied out of the host: { kind, base, folder | fd, size, mode, mtime, nanos }
local function source_at(where, base)
  local folder, name = where.folder, where.name
  local info = not name and folder:look "." or folder:look(name)
  if not info then held.fail(folder:path(name), errno.ENOENT) end
  if not name then return { kind = "directory", base = base, folder = folder } end
  local fd
  fd, info = pack.open(folder, name)
  return { kind = "file", base = base, fd = fd, size = info.st_size, shown = folder:path(name),
           mode = info.st_mode & mode.kept, mtime = info.st_mtime, nanos = info.nanos }
end

-- The same by a path of the user's, which may be a link.
local function source_of(path)
  local base = spot.base(path)
  local info, _, code = stat.stat(path)
  if not info then held.fail(path, code) end
  if held.is_folder(info) then return source_at({ folder = held.open(path) }, base) end
  local fd, why
  fd, why, code = file.open(path, fcntl.O_RDONLY)
  if not fd then held.fail(path, code, code == errno.EINVAL and why:sub(#path + 3) or nil) end
  info = held.exactly(stat.fstat(fd), fd)
  return { kind = "file", base = base, fd = fd, size = info.st_size, shown = path,
           mode = info.st_mode & mode.kept, mtime = info.st_mtime, nanos = info.nanos }
end

local function closing(source)
  return setmetatable({}, { __close = function()
    if source.fd then unistd.close(source.fd) end
    if source.folder then source.folder:close() end
  end })
end

-- On the host alone, from a source to a spot.
local function locally(job, source, to)
  local _ <close> = closing(source)
  local into <close> = receive.new(job, to, source.base)
  into:begin { kind = source.kind, mode = source.mode, mtime = source.mtime,
               nanos = source.nanos }
  local told = function() end
  local bytes <close> = source.fd and pack.file(source.fd, source.size, source.shown, told)
    or pack.tree(source.folder, ".", { told = told, skipped = job.skipped })
  if job.progress then job.total = source.size or pack.size(source.folder) end
  for piece in bytes do
    into:put(piece)
    if job.loop:can_wait() then job.loop:pass() end
  end
  into:commit()
  job.road = "mount"
end

-- The last entry of a tree for the guest: a script for what its tar may have left undone.
local function last(after)
  local lines = {}
  for i, argv in ipairs(after) do lines[i] = core.argv.shell(argv) .. " || exit\n" end
  local text = table.concat(lines)
  return tar.header { kind = "file", name = "end", mode = mode.file, mtime = 0, size = #text }
         .. text .. tar.padding(#text)
end

-- What the guest's tar is to have: a tree, or a file with holes | nil for one that has none
local function packed(job, source)
  local after = {}
  local with = { twice = true, told = job.told, after = after, skipped = job.skipped }
  local tree = (source.folder and not source.fd) and pack.tree(source.folder, stage.NAME, with)
    or source.fd and pack.holed(source, stage.NAME, with)
  if not tree then return nil end
  local held_back, over
  return function()
    if over then return nil end
    local piece = held_back or tree()
    held_back = piece and tree() or nil
    if held_back then return piece end
    over = true
    return last(after) .. piece
  end
end

local function put(job, source, asked)
  local id = ("%016x"):format(math.random(0))
  local function words(kind, size)
    return { script.PUT, id, source.base, asked.to, kind, size, ("%o"):format(source.mode or 0),
             source.mtime and ("%d.%09d"):format(source.mtime, source.nanos) or "-",
             path = asked.to }
  end
  if source.kind == "directory" then
    if job.progress then job.total = pack.size(source.folder) end
    return run(job, words("d", "-"), { stdin = packed(job, source) })
  elseif source.fd then
    local by_mount = lent.put(job, source, function(at, streams)
      local argv = words("m", ("%d"):format(source.size))
      argv[#argv + 1] = at
      return run(job, argv, streams)
    end)
    if by_mount then return end
    local holed = packed(job, source)
    if holed then return run(job, words("s", "-"), { stdin = holed }) end
    job.total = source.size
    return run(job, words("f", tostring(source.size)),
               { stdin = pack.file(source.fd, source.size, source.shown, job.told) })
  end
  run(job, words("f", "-"), { stdin = function()
    local bytes = source.give()
    if bytes then job.told(#bytes) end
    return bytes
  end })
  run(job, words("c", tostring(job.bytes)), {})
end

local function copy_in(job, asked)
  if asked.source then
    return put(job, { kind = "file", base = "stdin", give = asked.source, mode = mode.shared },
               asked)
  end
  local source = source_of(asked.from)
  local to = spot.shared(job.mounts() or {}, asked.to, job.name, true)
  if to then return locally(job, source, to) end
  local _ <close> = closing(source)
  return put(job, source, asked)
end

local function copy_out(job, asked)
  local from = spot.shared(job.mounts() or {}, asked.from, job.name)
  if from and not asked.sink then
    return locally(job, source_at(from, spot.base(asked.from)), spot.at(asked.to))
  end
  local into <close> = asked.sink and receive.stream(job, asked) or
                       receive.new(job, spot.at(asked.to), spot.base(asked.from))
  local id = ("lunik%016x"):format(math.random(0))
  run(job, { script.GET, id, asked.from, job.progress and "1" or "", path = asked.from },
      { stdout = receive.headed(id, into, job) })
  into:commit()
end

-- Which of two arguments is given: as an error | nil
local function one_of(asked, first, second)
  if (asked[first] == nil) == (asked[second] == nil) then
    return ("one of '%s' and '%s' is expected"):format(first, second)
  end
end

-- Does it: { bytes, road, skipped } | nil, why, code
local function carry_out(around, asked, path, work, wrong)
  wrong = wrong or not_below(around.name, path)
  if wrong then return nil, wrong, "invalid" end
  local job = setmetatable({ bytes = 0, skipped = {}, progress = asked.progress },
                           { __index = around })
  job.told = counter(job)
  local ok, why = pcall(work, job, asked)
  if ok then return { bytes = job.bytes, road = job.road, skipped = job.skipped } end
  if type(why) ~= "table" then error(why, 0) end
  return nil, why.why, codes.word(why.code)
end

-- A path of the host's, from the folder where it begins.
local function absolute(around, path)
  return (path and around.dir and path:sub(1, 1) ~= "/") and around.dir .. "/" .. path or path
end

-- `around`: loop, name, doors (lunik.vm.streams.exec), mounts(), lend(fd) (lunik.vm.copy.lend),
-- ssh_argv(argv), env, all of the machine; dir, where paths of the host begin; `asked` as the rows
-- of copy_in and copy_out have it.
function copy.into(around, asked)
  asked.from = absolute(around, asked.from)
  return carry_out(around, asked, asked.to, copy_in, one_of(asked, "from", "source"))
end

function copy.out(around, asked)
  asked.to = absolute(around, asked.to)
  return carry_out(around, asked, asked.from, copy_out, one_of(asked, "to", "sink"))
end

return copy
