-- SPDX-License-Identifier: MIT
-- The guest's half of a copy, for its own shell: put makes what comes aside, in the same directory,
-- and renames it at the end; get says what it has, and prints it. What goes wrong is said in a line
-- that begins with the path.
local script = {}

script.WRONG, script.MISSING = 91, 92      -- exit statuses whose reason is all of standard error
script.UNREAD = 93         -- what a mount was to show cannot be read

local DIE = [[
die() { printf '%s\n' "$1" >&2; exit ${2-WRONG}; }
]]

-- id, what it is called where no name is asked for, to, kind (d, f; s: a file with holes, in a tar;
-- c: only commit what a put of no known size has left aside; m: a file that a mount shows, in
-- pieces that standard input names, size of a block, which, how many), size, mode, seconds, where
-- the mount shows it. A stream that was cut off ends like a whole one: so a tar has an entry
-- more, a file its size, and what is in pieces a last word.
script.PUT = DIE .. [[
id=$1 base=$2 to=$3 kind=$4 size=$5 mode=$6 time=$7 from=$8 merge=
umask 077
if [ -d "$to" ]; then
  dir=${to%"${to##*[!/]}"} name=$base
  [ "$base" != . ] || merge=1
else
  case $kind,$to in d,*) ;; *,*/) die "$to: No such file or directory" MISSING;; esac
  to=${to%"${to##*[!/]}"} dir=${to%/*} name=${to##*/}
  [ -d "$dir/" ] || die "$dir/: No such file or directory" MISSING
fi
target=$dir/$name
if [ "$merge" ]; then target=$dir
elif [ -d "$target" ]; then
  [ "$kind" = d ] || die "$target: Is a directory"
  merge=1
elif [ -e "$target" ] || [ -h "$target" ]; then
  [ "$kind" != d ] || die "$target: Not a directory"
  [ -f "$target" ] || [ -h "$target" ] || die "$target: is no file"
fi
at=$dir; [ ! "$merge" ] || at=$target
# what is aside says who is at it (lunik.vm.copy.aside); 0 is nobody, for a while
born() {
  read -r line 2>/dev/null <"/proc/$1/stat" || return
  set -- ${line##*) }
  shift 19
  echo "$1"
}
read -r boot 2>/dev/null </proc/sys/kernel/random/boot_id
here=$(readlink /proc/self/ns/pid 2>/dev/null) here=${here#*[}
here=${boot%%-*}.${here%]}
aside() { echo "$at/.lunik-cp-$here-$1-$2-$id"; }
sweep() {
  for d in "$at"/.lunik-cp-*.*-*-*-*; do
    [ -d "$d" ] && [ ! -h "$d" ] || continue
    who=${d##*/.lunik-cp-} where=${who%%-*} who=${who#*-} pid=${who%%-*} who=${who#*-}
    if [ "$where" = "$here" ] && [ "$pid" != 0 ]; then
      [ "$(born "$pid")" != "${who%%-*}" ] || continue
    else
      [ "$(find "$d" -prune -mtime +6 2>/dev/null)" ] || continue
    fi
    rm -rf "$d"
  done
}
sweep
if [ "$kind" = c ]; then tmp=$(aside 0 0); else tmp=$(aside $$ "$(born $$)"); fi
merge() {
  for f in "$1"/* "$1"/.[!.]* "$1"/..?*; do
    [ -e "$f" ] || [ -h "$f" ] || continue
    t=$2/${f##*/}
    if [ ! -d "$f" ] || [ -h "$f" ]; then
      [ ! -d "$t" ] || die "$t: Is a directory"
    elif [ -d "$t" ]; then
      (merge "$f" "$t" "$3") || exit
      continue
    elif [ -e "$t" ] || [ -h "$t" ]; then die "$t: Not a directory"
    fi
    [ ! "$3" ] || mv -f "$f" "$t" || exit
  done
}
# tar is ended, too, and may be a moment later
tidy() {
  trap '' HUP INT PIPE TERM
  for n in 1 2 3 4 5 6 7 8 9 10 11 12; do
    rm -rf "$tmp" 2>/dev/null
    [ -e "$tmp" ] || break
  done
}
trap tidy EXIT
trap 'exit 143' HUP INT PIPE TERM
pieces() {
  root=; [ "$(id -u)" = 0 ] || root='sudo -n'
  $root dd if="$from" of=/dev/null count=1 2>/dev/null || exit UNREAD
  : >"$tmp/x"
  while read -r block skip count; do
    [ "$block" != end ] || return 0
    why=$($root dd if="$from" of="$tmp/x" bs="$block" skip="$skip" seek="$skip" count="$count" \
      conv=notrunc 2>&1) || return
    echo
  done
  why='the stream was cut off'
  return 1
}
[ "$kind" = c ] || why=$(mkdir "$tmp" 2>&1) || die "$at/: ${why##*: }"
case $kind in
d|s)
  command -v tar >/dev/null || die "$target: the guest has no tar: it takes single files only, \
without holes"
  why=$(tar -xpof - -C "$tmp" 2>&1) || die "$target: $why"
  [ -e "$tmp/end" ] || die "$target: the stream was cut off"
  why=$(cd "$tmp" && sh ./end 2>&1) || die "$target: $why"
  ;;
f|m)
  if [ "$kind" = m ]; then
    pieces || { why=${why%%
*}; die "$target: ${why##*: }"; }
    why=$(dd bs=1 if=/dev/null seek="$size" of="$tmp/x" 2>&1) || die "$target: ${why##*: }"
  else
    why=$(cat 2>&1 >"$tmp/x") || die "$target: ${why##*: }"
  fi
  why=$(chmod "$mode" "$tmp/x" 2>&1) || die "$target: $why"
  [ "$time" = - ] || touch -d "@$time" "$tmp/x" 2>/dev/null \
    || why=$(touch -d "@${time%.*}" "$tmp/x" 2>&1) || die "$target: $why"
  [ "$size" != - ] || { mv "$tmp" "$(aside 0 0)" || exit; trap - EXIT; exit 0; }
  ;;
esac
has() { stat -c %s "$tmp/x" 2>/dev/null || echo $(($(wc -c <"$tmp/x"))); }
case $kind in d|s) ;; *) [ "$(has)" = "$size" ];; esac || die "$target: the stream was cut off"
if [ "$merge" ]; then
  merge "$tmp/x" "$target" "" && merge "$tmp/x" "$target" move
else
  why=$(mv -f "$tmp/x" "$target" 2>&1) || die "$target: ${why##*: }"
fi
]]

-- id, path, whether its size is to be known. The first line: the id, kind, mode, seconds, size.
script.GET = DIE .. [[
id=$1 f=$2
why=$(ls -d "$f" 2>&1 >/dev/null) || {
  case $why in *'No such file'*) die "$f: ${why##*: }" MISSING;; *) die "$f: ${why##*: }";; esac
}
if [ -d "$f" ]; then
  command -v tar >/dev/null || die "$f: the guest has no tar: only single files can be copied"
  [ -r "$f" ] && [ -x "$f" ] || die "$f: Permission denied"
  s=-; [ ! "$3" ] || s=$(du -sk "$f" 2>/dev/null); s=${s%%[!0-9]*}
  echo "$id d - - ${s:--}"
  # GNU tar has times exactly when it is asked for them, and says 1 of a file that changed meanwhile
  case $(tar --version 2>/dev/null) in
  *GNU*) tar --format=posix -cf - -C "$f" .; s=$?; [ $s != 1 ] || s=0;;
  *) tar -cf - -C "$f" .; s=$?;;
  esac
  exit $s
fi
[ -e "$f" ] || die "$f: is a link to nothing" MISSING
[ -f "$f" ] || die "$f: is neither a file nor a directory"
[ -r "$f" ] || die "$f: Permission denied"
t=$(stat -Lc %.9Y "$f" 2>/dev/null); case $t in *.*) ;; *) t=$(stat -Lc %Y "$f" 2>/dev/null);; esac
echo "$id f $(stat -Lc "%a ${t:--} %s" "$f" 2>/dev/null || echo '- - -')"
exec cat "$f"
]]

for _, name in ipairs { "PUT", "GET" } do
  script[name] = script[name]:gsub("WRONG", tostring(script.WRONG))
                             :gsub("MISSING", tostring(script.MISSING))
                             :gsub("UNREAD", tostring(script.UNREAD))
end

return script
