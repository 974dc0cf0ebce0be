-- SPDX-License-Identifier: MIT
-- Mounts inside the guest: mounted where asked unless they are there already, and believed only
-- when the guest's own list shows them and they can be used as asked. What is to be done there
-- is one script for the guest's shell, since each program that an agent runs costs a round trip;
-- names reach it as arguments, never as its text.
local core = require "lunik.core"
local shape = require "lunik.vm.guest.shape"

local mount = {}

local PLACES = 64          -- where one share may be mounted at once
local HOLDERS = 8          -- processes that are named

-- /proc/self/mountinfo escapes these; '#' in the source alone (fs/proc_namespace.c).
local function escape(text, more)
  return (text:gsub("[ \t\n\\" .. (more or "") .. "]", function(c)
    return ("\\%03o"):format(c:byte())
  end))
end

local function unescape(text)
  return (text:gsub("\\([0-3][0-7][0-7])", function(octal)
    return string.char(tonumber(octal, 8))
  end))
end

-- /proc/self/mountinfo as a list of { at, type, source }, in the order of mounting.
function mount.parse(text)
  local list = {}
  for line in text:gmatch "[^\n]+" do
    local at, kind, source =
      line:match "^%d+ %d+ %S+ %S+ (%S+) .- %- (%S+) (%S+)"
    if at then
      list[#list + 1] = { at = unescape(at), type = kind, source = unescape(source) }
    end
  end
  return list
end

local function options(spec)
  local list = { table.unpack(spec.options or {}) }
  if spec.readonly then list[#list + 1] = "ro" end
  return table.concat(list, ",")
end

-- What is mounted, as the guest calls it.
local function source(spec) return spec.source or spec.tag end

-- The arguments that mount it in the guest.
function mount.argv(spec)
  local argv, with = { "mount", "-t", spec.type }, options(spec)
  if with ~= "" then table.move({ "-o", with }, 1, 2, 4, argv) end
  argv[#argv + 1] = source(spec)
  argv[#argv + 1] = spec.to
  return argv
end

-- What to type where nobody can be asked to.
function mount.by_hand(spec)
  return ("in the guest: mkdir -p %s && %s"):format(
    core.argv.shell { spec.to }, core.argv.shell(mount.argv(spec)))
end

-- $1 tag, $2 type, $3 place, $4 options, $5 type and tag as the list has them, $6 "new" where
-- nobody can have mounted it yet, $7 "owner" to look for that, $8 "inode" where that is the host's,
-- and proves what is there: the guest's list, which a shell reads byte by byte, need not. Prints
-- what was found: "there" or "mounted", owner, the directory's inode, "rw" where the guest may
-- write. Nothing is made there: whoever watches the directory on the host hears of no change. The
-- inode is in the kernel's words about an open file (Linux 5.14), and costs no program. A device
-- that has just come is
-- found a moment later; what does not show in a few tries is for the caller to wait for. "place"
-- says that there is no such place, and none can be made, which no waiting mends.
local MOUNT = [[
escape() {
	escaped= rest=$1
	while [ "$rest" ]; do
		c=${rest%"${rest#?}"} rest=${rest#?}
		case $c in ' ') c='\040';; '	') c='\011';; '\') c='\134';; '
') c='\012';; esac
		escaped=$escaped$c
	done
}
listed() {
	found=
	while read -r _ _ _ _ place more; do
		case "$place $more" in
		"$escaped "*" - $source "*) found=y;;
		"$escaped "*) found=;;
		esac
	done </proc/self/mountinfo
	[ "$found" ]
}
inode_of() {
	inode=
	{
		while read -r key value; do [ "$key" != ino: ] || inode=$value; done </proc/self/fdinfo/9
	} 2>/dev/null 9<"$1"
	[ "$inode" ] || inode=$(ls -di "$1" | { read -r inode _; echo "$inode"; })
}
mounts() {
	tries=0
	until mount -t "$2" ${4:+-o "$4"} -- "$1" "$3"; do
		status=$? tries=$((tries + 1))
		[ $tries -lt 10 ] || return $status
	done
}
main() {
	to=$3 source=$5 how=mounted
	[ -d "$to" ] || mkdir -p "$to" || { echo place; return 1; }
	cd -P "$to" || { echo place; return 1; }
	escape "$PWD"
	cd /
	if [ "$6" != new ] && listed; then
		how=there
	else
		mounts "$@" || return
	fi
	[ -d "$to/." ] && [ -r "$to" ] || { echo "$to cannot be read" >&2; return 1; }
	owner= inode= may=
	[ ! "$8" ] || inode_of "$to"
	[ $how = there ] || [ "$inode" ] || listed ||
		{ echo "mount succeeded, and the guest does not list it" >&2; return 1; }
	[ ! "$7" ] || owner=$(stat -c %u:%g "$to")
	[ ! -w "$to" ] || may=rw
	echo "$how $owner"
	echo "$inode $may"
}
main "$@" </dev/null
]]

-- What a result says, where it is no success.
local function failure(what, result, why, code)
  if not result then return nil, why, code end
  local said = shape.shown((result.err ~= "" and result.err or result.out)):gsub("%s+$", "")
  local last = said:match "[^\n]*$"
  if #last > 0 and said:gsub("\n", "") == last:rep(#said // #last) then said = last end
  local how = result.status and ("status %d"):format(result.status)
              or ("signal %s"):format(result.signal)
  return nil, said ~= "" and said or ("%s: %s"):format(what, how)
end

-- What is there against what was asked | nil, why
local function verified(spec, said)
  local how, owner, inode, may = said:match "^(%l+) ([%d:]*)\n(%d*) (%l*)\n"
  if how ~= "mounted" and how ~= "there" or #owner > 21 or #inode > 20 then
    return nil, "the guest's shell answered something else: " .. shape.shown(said:sub(1, 80))
  end
  if spec.owner and spec.owner ~= owner then
    return nil, ("it belongs to %s in the guest, and %s was asked for"):format(owner, spec.owner)
  end
  return how, { owner = spec.owner and owner, inode = inode ~= "" and inode or nil,
                writable = may == "rw" }
end

-- Whether the inodes that the guest sees are the host's.
function mount.is_hosts(spec) return spec.daemon and spec.from ~= nil end

-- Mounts one share in the guest; `run(script, arguments)` runs a script of its shell and returns
-- { status, out, err } | nil, why, code. `new` says that it has not been there before. Returns
-- "mounted" or "there", { owner, inode (digits), writable } | nil, why, code: "place" where that is
-- what there is none of.
function mount.perform(run, spec, new)
  local result, why, code = run(MOUNT, { source(spec), spec.type, spec.to, options(spec),
    ("%s %s"):format(spec.type, escape(source(spec), "#")), new and "new" or "",
    spec.owner and "owner" or "", mount.is_hosts(spec) and "inode" or "" })
  if result and result.status == 0 then return verified(spec, result.out) end
  local nowhere = result and result.out == "place\n" and "place"
  why, code = select(2, failure("mount", result, why, code))
  return nil, why, nowhere or code
end

-- Prints a line for each process that holds a place: its number, name and what it holds.
local NAMED = [[
holders() {
	for p in /proc/[0-9]*; do
		ls -l "$p/cwd" "$p/root" "$p/exe" "$p/fd" 2>/dev/null | while read -r line; do
			case "$line" in
			*" -> $1"|*" -> $1/"*)
				read -r name <"$p/comm"
				echo "${p#/proc/} $name ${line#* -> }";;
			esac
		done
	done
}
]]

-- The arguments are places, as the guest knows them.
local LOOK = NAMED .. [[
main() {
	for place; do holders "$place"; done
}
main "$@" </dev/null
]]

-- $1 "-l" or empty, $2 "aside" or empty; then such places. What cannot be unmounted is followed by
-- who holds it.
local UNMOUNT = NAMED .. [[
main() {
	lazy=$1 aside=$2
	shift 2
	for place; do
		umount $lazy "$place" || { holders "$place"; return 1; }
		[ ! "$aside" ] || rmdir "$place"
	done
}
main "$@" </dev/null
]]

-- A pattern that may begin anywhere in a line would try every byte of a long one.
local function held_by(out)
  local list, seen = {}, {}
  for line in out:gmatch "[^\n]+" do
    local pid, name, path = line:match "^(%d+) (%S+) (.+)$"
    if pid and not seen[pid] and #pid <= 10 and #list < HOLDERS then
      seen[pid] = true
      list[#list + 1] = { pid = math.tointeger(tonumber(pid)), name = shape.shown(name),
                          path = shape.shown(path) }
    end
  end
  return list
end

-- The same in words | nil
local function holders(out)
  local words = {}
  for i, holder in ipairs(held_by(out)) do
    words[i] = ("%s (pid %d) has %s open"):format(holder.name, holder.pid, holder.path)
  end
  return words[1] and "in the guest " .. table.concat(words, ", ")
end

local function busy(result)
  local said = select(2, failure("umount", { status = result.status, out = "", err = result.err }))
  local words = holders(result.out)
  return words and ("%s; %s"):format(said, words) or said
end

-- Where a share is mounted, innermost first | nil, why
local function places(run, spec)
  local result, why, code = run("cat /proc/self/mountinfo\n", {})
  if not result or result.status ~= 0 then return failure("mountinfo", result, why, code) end
  local found = {}
  for _, each in ipairs(mount.parse(result.out)) do
    local is_it = each.type == spec.type and each.source == source(spec)
    if is_it then table.insert(found, 1, each.at) end
  end
  if #found > PLACES then
    return nil, ("the guest lists %s at %d places"):format(source(spec), #found)
  end
  return found
end

-- Whether a share could be unmounted wherever the guest has it: true | nil, why, which names who
-- uses it, and true where somebody does. Nothing is done.
function mount.is_free(run, spec)
  local at, why, code = places(run, spec)
  if not at then return nil, why, code end
  if #at == 0 then return true end
  local result
  result, why, code = run(LOOK, at)
  if not result or result.status ~= 0 then return failure("look", result, why, code) end
  local words = holders(result.out)
  if words then return nil, words, true end
  return true
end

-- The same of a place that was made and not mounted at.
local REMOVE = 'rmdir "$1" 2>/dev/null || :\n'

-- Unmounts a share wherever the guest has it; `lazy` takes it from those who use it. true | nil,
-- why, which names them, and true where somebody does use it.
function mount.undo(run, spec, lazy)
  local at, why, code = places(run, spec)
  if not at then return nil, why, code end
  if #at == 0 and spec.aside then run(REMOVE, { spec.to }) end
  if #at == 0 then return true end
  local result
  result, why, code = run(UNMOUNT, { lazy and "-l" or "", spec.aside and "aside" or "",
                                     table.unpack(at) })
  if result and result.status == 0 then return true end
  if not result then return nil, why, code end
  return nil, busy(result), true
end

return mount
