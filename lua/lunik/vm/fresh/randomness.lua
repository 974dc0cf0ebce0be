-- SPDX-License-Identifier: MIT
-- The kernel's random numbers: of two guests that go on from the same state both give the same
-- ones. Bytes written to /dev/urandom are not counted, and change nothing: a small program
-- (src/guest/reseed.c) has the kernel count them, and begin anew.
local core = require "lunik.core"

local SEED = 64            -- bytes

-- $1 is the program, with octal escapes, $2 the architecture that it is for, $3 a word. Where a
-- file system lets nothing be run, the next is tried. The file is a new one (-C), of nobody else.
local randomness = { name = "randomness", stage = "first", script = [[
[ -r /proc/sys/kernel/arch ] && read -r is </proc/sys/kernel/arch || is=$(uname -m)
[ "$is" = "$2" ] || { echo "the program is for $2, and the guest's kernel is for $is"; return 1; }
umask 077
set -C
said=there
for place in /dev/shm /run /tmp /var/tmp /root; do
  file=$place/lunik.$3
  { printf %b "$1" >"$file"; } 2>/dev/null || { rm -f "$file"; continue; }
  chmod 700 "$file" && "$file" <&3 2>"$file.said"
  said=$?
  [ $said = 0 ] || [ $said = 126 ] || while read -r line; do echo "$line"; done <"$file.said"
  rm -f "$file" "$file.said"
  [ $said = 126 ] || break
done
set +C
case $said in
there | 126) echo "there is nowhere to run a program from"; return 1 ;;
esac
return $said
]] }

local function random(bytes)
  local source <close> = assert(io.open("/dev/urandom", "rb"))
  return assert(source:read(bytes))
end

-- For the shell's `printf %b`: as short as can be, since the guest's agent and its shell read each
-- letter of it.
local function escaped(program)
  return (program:gsub("()([%c\\\128-\255])", function(at, byte)
    return (program:find("^[0-7]", at + 1) and "\\0%03o" or "\\0%o"):format(byte:byte())
  end))
end

function randomness.asked(what, guest)
  if not what.randomness then return nil end
  local architecture = guest.plan.hardware and guest.plan.hardware.arch or "another architecture"
  local program = core.guest.reseed(architecture)
  if not program then
    return nil, ("this build has no program for guests of %s"):format(architecture)
  end
  local word = random(8):gsub(".", function(byte) return ("%02x"):format(byte:byte()) end)
  return { escaped(program), architecture, word }
end

-- What the program reads.
function randomness.input() return random(SEED) end

return randomness
