-- SPDX-License-Identifier: MIT
-- The guest's half of a stream: what its own shell does with the channels. Programs see pipes, not
-- channels, which open once and know no broken pipe; what ends a stream goes through the same pipe
-- as all before it.
local core = require "lunik.core"

local relay = {}

relay.UNOPENED = 96        -- the shell's exit status where nothing was run: a channel did not open
local ROUNDS = 100         -- of looking for what a program that is killed has started meanwhile
local TRIES = 200          -- of opening one that whoever had it before is just leaving

-- 3 and 4 are the channels of output and errors, 6 and 5 the pipes that lead there, 7 the input's.
-- Who writes to a channel that nobody is connected to waits, but who reads there reads its end: so
-- the shell says first that it is there, and nothing is run before somebody has heard it.
local OPEN = [[
o=$1 e=$2 i=$3 n=0; shift 3
opened() { n=$((n+1)); [ $n -lt TRIES ] || exit UNOPENED; }
[ -c "$o" ] && [ -c "$e" ] || exit UNOPENED
until command exec 3>"$o"; do opened; done
until command exec 4>"$e"; do opened; done
]]

local OPEN_INPUT = [[
until command exec 7<>"$i"; do opened; done
until printf . >&7 && read -r n <&7; do :; done
]]

local RUN = [[
printf '%s\n' ID >&3
FEED{ {
  (export LUNIK_EXEC=ID; exec "$@" 3>&- 4>&- 5>&- 6>&- 7>&-) >&6 2>&5FROM
  s=$?
  printf '%s %s\n' ID $s >&5
  printf '%s %s\n' ID $s >&6
} 5>&1 | cat >&4 3>&- 6>&- 7>&-; } 6>&1 | cat >&3 4>&- 7>&-
]]

local function script(id, has_input)
  local words = { ID = id, TRIES = TRIES, UNOPENED = relay.UNOPENED,
                  FEED = has_input and "cat <&7 3>&- 4>&- | " or "",
                  FROM = has_input and "" or " </dev/null" }
  return ((OPEN .. (has_input and OPEN_INPUT or "") .. RUN):gsub("%u+", words))
end

-- What the guest's agent is to start, path, arguments, input: `argv`, with output, errors
-- and perhaps input by these devices of the guest's. What JSON cannot carry goes by the input.
function relay.start(id, argv, nodes)
  local words = { nodes[1], nodes[2], nodes[3] or "", table.unpack(argv) }
  local text = script(id, nodes[3] ~= nil)
  if utf8.len(table.concat(words)) then
    return "sh", { "-c", text, "lunik", table.unpack(words) }
  end
  local set = core.argv.shell { "set", "--", table.unpack(words) }
  return "sh", { "-c", 'eval "$(cat)"', "lunik", id }, set .. "\n" .. text
end

-- The end of a stream: the id, the status, a newline, where the program's own bytes have ended.
function relay.status(text, at, id)
  return math.tointeger(tonumber(text:match("^ (%d%d?%d?)\r?\n", at + #id)))
end

-- Prints the name and the device of each channel that the guest shows.
relay.NODES = [[
for d in /sys/class/virtio-ports/*; do
  n=; [ -r "$d/name" ] && read -r n <"$d/name"
  case $n in lunik.exec.*) [ -c "/dev/${d##*/}" ] && echo "$n /dev/${d##*/}";; esac
done; true
]]

-- Prints the devices of all terminals of this kind that there are.
relay.TERMINALS = [[
for d in /dev/hvc*; do [ -c "$d" ] && (: <>"$d") 2>/dev/null && echo "$d"; done; true
]]

-- Runs a program on the terminal $1 of the guest's. An empty line says that somebody is there; what
-- ends a program at its terminal is not to end who says that it has ended.
relay.TERMINAL = [[
d=$1; shift; exec setsid -c sh -c '
  stty -echo; read -r n; stty sane rows "$2" cols "$3"
  trap : INT QUIT
  i=$1; export TERM="$4"; shift 4
  printf "%s\n" "$i"
  (export LUNIK_EXEC=$i; exec "$@")
  s=$?
  printf "%s %s\n" "$i" $s
' lunik "$@" <>"$d" >&0 2>&1
]]

-- Sends the signal $2 to whatever was run as $1, wherever it has gone in the tree of processes, and
-- prints how many that were. Who was just forking has a child meanwhile: KILL looks again until it
-- finds nobody new. Where there is nothing the shell $3, if it is given, is ended: it may wait for
-- somebody who has left before anything was run.
relay.SIGNAL = ([[
n=0 rounds=0 seen=' '
look() {
  more= rounds=$((rounds+1))
  for p in $(grep -ls "LUNIK_EXEC=$1" /proc/[0-9]*/environ); do
    p=${p#/proc/} p=${p%/environ}
    case $seen in *" $p "*) continue;; esac
    kill -"$2" "$p" 2>/dev/null && n=$((n+1)) more=y seen="$seen$p "
  done
}
look "$@"
while [ "$2$more" = KILLy ] && [ $rounds -lt ROUNDS ]; do look "$@"; done
echo $n
[ $n -gt 0 ] || [ -z "$3" ] || ! grep -qs "$1" "/proc/$3/cmdline" || kill -KILL "$3"
]]):gsub("ROUNDS", tostring(ROUNDS))

return relay
