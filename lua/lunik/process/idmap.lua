-- SPDX-License-Identifier: MIT
-- Who owns the files of a share in the guest. Root maps them in the mount itself: the directory's
-- owner and the one that is asked for change places. An ordinary user's daemon runs in a user
-- namespace: with a range of further ids (subuid(5)) all the guest's users are there, else root
-- alone, who is that user.
local command = require "lunik.process.command"
local core = require "lunik.core"
local host = require "lunik.host"
local stat = require "posix.sys.stat"
local unistd = require "posix.unistd"

local idmap = {}

local HIGHEST = 0xffffffff     -- one more than the last id
local PATIENCE = 10

-- Maps every id to itself, but exchanges `a` and `b`: lines of "inside outside count".
function idmap.swapped(a, b)
  if a == b then return { { 0, 0, HIGHEST } } end
  local low, high, lines = math.min(a, b), math.max(a, b), {}
  local function add(inside, outside, count)
    if count > 0 then lines[#lines + 1] = { inside, outside, count } end
  end
  add(0, 0, low)
  add(low, high, 1)
  add(low + 1, low + 1, high - low - 1)
  add(high, low, 1)
  add(high + 1, high + 1, HIGHEST - high - 1)
  return lines
end

-- Maps the id `own` to `as`, and ids of the range to all around it.
function idmap.ranged(own, as, range)
  local lines = {}
  local below = math.min(as, range.count)
  if below > 0 then lines[1] = { 0, range.first, below } end
  lines[#lines + 1] = { as, own, 1 }
  if range.count > below then
    lines[#lines + 1] = { as + 1, range.first + below, range.count - below }
  end
  return lines
end

local function text(lines)
  local out = {}
  for i, line in ipairs(lines) do out[i] = table.concat(line, " ") end
  return table.concat(out, "\n") .. "\n"
end

local function write(pid, name, lines)
  local file, why = io.open(("/proc/%d/%s"):format(pid, name), "w")
  if not file then return nil, why end
  file:setvbuf "full"                -- the kernel takes it in one piece
  local ok
  ok, why = file:write(text(lines))
  if ok then ok, why = file:close() end
  return ok and true, why
end

-- Has a setuid program write a map that its user may not.
local function run(loop, program, pid, lines)
  local argv = { program, tostring(pid) }
  for _, line in ipairs(lines) do
    for _, number in ipairs(line) do argv[#argv + 1] = ("%d"):format(number) end
  end
  local done, why = command.run(loop, argv, { seconds = PATIENCE, env = {} })
  if done and done.status == 0 then return true end
  return nil, done and program:match "[^/]+$" .. " " .. command.describe(done) or why
end

local function of_root(share, uid, gid)
  local found, why = stat.stat(share.from)
  if not found then return nil, why end
  local ns
  ns, why = core.userns.open()
  if not ns then return nil, why end
  local ok
  ok, why = write(ns:pid(), "uid_map", idmap.swapped(found.st_uid, uid))
  if ok then ok, why = write(ns:pid(), "gid_map", idmap.swapped(found.st_gid, gid)) end
  if ok then return { idmap = ns:fd(), handle = ns } end
  ns:close()
  return nil, why
end

-- Opens the namespace of an ordinary user who has a range of further ids | nil, why
local function of_user(loop, uid, gid)
  local ids, why = host.subids()
  if not ids then return nil, why end
  local ns
  ns, why = core.userns.open()
  if not ns then return nil, why end
  local ok
  ok, why = run(loop, ids.newuidmap, ns:pid(), idmap.ranged(host.uid, uid, ids.uid))
  if ok then
    ok, why = run(loop, ids.newgidmap, ns:pid(), idmap.ranged(unistd.getegid(), gid, ids.gid))
  end
  if ok then return { userns = ns:fd(), handle = ns } end
  ns:close()
  return nil, why
end

-- "1000:1000" -> 1000, 1000
function idmap.owner(owner)
  local uid, gid = (owner or "0:0"):match "^(%d+):(%d+)$"
  return math.tointeger(uid), math.tointeger(gid)
end

-- What a share's daemon is to be given, { userns | idmap = descriptor, handle } to be closed once
-- it runs, {} where nothing is needed | nil, why
function idmap.open(loop, share)
  local uid, gid = idmap.owner(share.owner)
  if host.uid == 0 then
    if not share.owner then return {} end
    return of_root(share, uid, gid)
  end
  local map, why = of_user(loop, uid, gid)
  if map or uid == 0 and gid == 0 then return map or {} end
  return nil, ("owner = \"%s\": %s"):format(share.owner, why)
end

return idmap
