-- SPDX-License-Identifier: MIT
-- `lunik shell`: a shell in the guest, on a terminal of its own.
local arguments = require "lunik.cli.arguments"
local tty = require "lunik.cli.tty"

local shell = { name = "shell", summary = "open a shell in a guest" }
shell.example = "lunik shell dev"
shell.more = { "lunik shell dev --user root" }
shell.hints = { ["too many arguments"] =
  "a program is run by exec: lunik exec -t dev -- top; another user's shell: lunik shell dev "
  .. "--user root" }

-- The login shell of the user $1, or of whoever runs this.
local LOGIN = [[
me=$(id -un) user=${1:-$(id -un)}
[ "$user" = "$me" ] || exec su -l "$user"
while IFS=: read -r name _ _ _ _ home shell; do
  [ "$name" = "$me" ] && HOME=$home SHELL=$shell
done </etc/passwd
export HOME="${HOME:-/}" USER="$me" LOGNAME="$me" SHELL="${SHELL:-/bin/sh}"
cd "$HOME" 2>/dev/null
exec "$SHELL" -l
]]

function shell.args(command)
  arguments.machine(command)
  command:option("--user", "whose shell; left out: the user of ssh {}, else root")
end

-- The user that ssh logs in as | nil
local function user_of(vm)
  local line = vm:ssh_argv()
  return line and line[#line]:match "^([^@]+)@"
end

function shell.run(args, _, err)
  local function argv(vm)
    return { "sh", "-c", LOGIN, "lunik", args.user or user_of(vm) or "" }
  end
  return tty.run(args, argv, { verb = "lunik shell", login = true, err = err })
end

return shell
