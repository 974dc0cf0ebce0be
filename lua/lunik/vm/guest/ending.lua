-- SPDX-License-Identifier: MIT
-- Ends a program in the guest, and all that it has started, so that nobody holds its output open
-- any more. A script for the guest's shell: it stops each process before it looks for further ones.
local ending = {}

-- $1 the process; $2 "child" where it has to be a child of who runs this: its number may be
-- another's by now.
local END = [[
parent() {
	parent=
	read -r line <"/proc/$1/stat" || return
	set -- ${line##*) }
	parent=$2
}
add() {
	case $tree in *" $1 "*) return;; esac
	kill -STOP "$1" && tree="$tree$1 " more=y
}
holders() {
	ls -l /proc/[0-9]*/fd/[12] | while read -r line; do
		for pipe in $pipes; do
			case $line in *" -> $pipe")
				line=${line%%/fd/*} line=${line##*/proc/}
				echo "$line";;
			esac
		done
	done
}
main() {
	parent "$1"
	[ "$parent" ] && { [ ! "$2" ] || [ "$parent" = $PPID ]; } || return 3
	tree=' '
	add "$1"
	[ "$more" ] || return
	pipes=
	for fd in 1 2; do
		pipe=$(readlink "/proc/$1/fd/$fd")
		case $pipe in pipe:*|socket:*) pipes="$pipes $pipe";; esac
	done
	while [ "$more" ]; do
		more=
		for dir in /proc/[0-9]*; do
			parent "${dir#/proc/}"
			case $tree in *" $parent "*) add "${dir#/proc/}";; esac
		done
		for pid in $(holders); do add "$pid"; done
	done
	kill -KILL $tree
}
main "$@" </dev/null 2>/dev/null
]]

-- The arguments that end a process in the guest. `is_child`: see there.
function ending.argv(pid, is_child)
  return { "sh", "-c", END, "lunik", ("%d"):format(pid), is_child and "child" or "" }
end

return ending
