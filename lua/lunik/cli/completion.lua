-- SPDX-License-Identifier: MIT
-- `lunik completion`: what makes a shell complete lunik's words. The shells' part is the same for
-- every version: it asks `lunik complete` (lunik.cli.complete), which has the rows.
local exit = require "lunik.exit"

local completion = { name = "completion",
                     summary = "print what makes a shell complete lunik's words" }
completion.example = "lunik completion bash"

local scripts = {}

-- Bash cuts words at "=" and ":", which are put together again; what it is given must then be
-- without what it takes for earlier words.
scripts.bash = [=[
# bash completion for lunik: source <(lunik completion bash)
_lunik() {
  local line=${COMP_LINE:0:COMP_POINT} words=() word kind='' reply cut
  for word in "${COMP_WORDS[@]:0:COMP_CWORD}"; do
    case $line in
    [[:space:]]*) words+=("$word") ;;
    *) [ ${#words[@]} = 0 ] && words+=("$word") || words[-1]+=$word ;;
    esac
    line=${line#"${line%%[![:space:]]*}"}
    line=${line#"$word"}
  done
  case $line in
  [[:space:]]*|'') words+=("${line#"${line%%[![:space:]]*}"}")
    [ -n "$line" ] || words=("${words[@]:0:${#words[@]}-1}") ;;
  *) words[-1]+=$line ;;
  esac
  word=${words[-1]}
  cut=
  case $COMP_WORDBREAKS in *=*) case $word in *=*) cut=${word%=*}= ;; esac ;; esac
  case $COMP_WORDBREAKS in *:*) case ${word#"$cut"} in *:*) cut=${word%:*}: ;; esac ;; esac
  COMPREPLY=()
  while IFS=$'\t' read -r reply _; do
    case $reply in
    :*) kind=${reply#:} ;;
    *) COMPREPLY+=("${reply#"$cut"}") ;;
    esac
  done < <("${words[0]/#\~/$HOME}" complete "${words[@]:1}" 2>/dev/null)
  case $word in *=*) word=${word#*=} ;; esac
  case $kind in
  files) mapfile -t -O ${#COMPREPLY[@]} COMPREPLY < <(compgen -f -- "$word") ;;
  folders) mapfile -t -O ${#COMPREPLY[@]} COMPREPLY < <(compgen -d -- "$word") ;;
  recipes) mapfile -t -O ${#COMPREPLY[@]} COMPREPLY < <(compgen -d -- "$word"
    compgen -f -X '!*.lua' -- "$word") ;;
  esac
  [ -z "$kind" ] || compopt -o filenames
  case ${COMPREPLY[0]-} in *[=:/]) [ ${#COMPREPLY[@]} -gt 1 ] || compopt -o nospace ;; esac
}
complete -F _lunik lunik
]=]

scripts.zsh = [=[
#compdef lunik
# zsh completion for lunik: lunik completion zsh >"${fpath[1]}/_lunik"
_lunik() {
  local -a words_of described open
  local line kind= candidate doc
  words_of=("${(@Q)words[2,CURRENT]}")
  for line in "${(@f)$(${(Q)words[1]} complete "${words_of[@]}" 2>/dev/null)}"; do
    candidate=${line%%$'\t'*} doc=${line#*$'\t'}
    case $candidate in
    '') ;;
    :*) kind=${candidate#:} ;;
    *[=:/]) open+=("${candidate//:/\\:}:$doc") ;;
    *) described+=("${candidate//:/\\:}:$doc") ;;
    esac
  done
  local ret=1
  (( $#described )) && _describe -V lunik described && ret=0
  (( $#open )) && _describe -V lunik open -S '' && ret=0
  [[ -n $kind ]] && compset -P '*='
  case $kind in
  files) _files && ret=0 ;;
  folders) _files -/ && ret=0 ;;
  recipes) _files -g '*.lua' && ret=0 ;;
  esac
  return ret
}
if [[ $funcstack[1] = _lunik ]]; then _lunik "$@"; else compdef _lunik lunik; fi
]=]

scripts.fish = [=[
# fish completion for lunik: lunik completion fish | source
function __lunik_complete
  set -l words (commandline -opc)
  set -l word (commandline -ct)
  set -l program $words[1]
  set -l kind ''
  set -l prefix ''
  string match -qr '=' -- "$word"; and set prefix (string replace -r '=.*' '=' -- "$word")
  for line in ($program complete $words[2..-1] "$word" 2>/dev/null)
    if string match -qr '^:' -- "$line"
      set kind (string sub -s 2 -- "$line")
    else
      printf '%s\n' "$line"
    end
  end
  set -l rest (string replace -- "$prefix" '' "$word")
  switch "$kind"
    case files recipes
      for path in (__fish_complete_path "$rest")
        set -l name (string split -f 1 \t -- $path)
        if test "$kind" = files; or string match -qr '(/|\.lua)$' -- $name
          printf '%s%s\n' "$prefix" "$path"
        end
      end
    case folders
      for path in (__fish_complete_directories "$rest" '')
        printf '%s%s\n' "$prefix" "$path"
      end
  end
end
complete -c lunik -f -a '(__lunik_complete)'
]=]

local HOW = { bash = "source <(lunik completion bash)", fish = "lunik completion fish | source",
              zsh = 'lunik completion zsh >"${fpath[1]}/_lunik"' }

function completion.args(command)
  command:argument("shell", "bash, zsh or fish"):choices { "bash", "zsh", "fish" }
end

function completion.run(args, out, err)
  out:write(scripts[args.shell])
  if require "posix.unistd".isatty(1) == 1 then
    err:write("lunik: to have it in this shell: ", HOW[args.shell], "\n")
  end
  return exit.ok
end

return completion
