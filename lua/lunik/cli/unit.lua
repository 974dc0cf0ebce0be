-- SPDX-License-Identifier: MIT
-- `lunik unit`: a systemd user unit that starts a machine with its user, and stops it well.
local arguments = require "lunik.cli.arguments"
local exit = require "lunik.exit"
local host = require "lunik.host"
local machines = require "lunik.supervisor.machines"
local program = require "lunik.program"

local unit = { name = "unit", summary = "print a systemd user unit for a machine" }
unit.example = "lunik unit vm.lua"

local MARGIN = 30          -- seconds beyond what the machine itself allows
local SAVING = 600         -- seconds for one that is saved, before it is stopped after all
local PASSED = { "PATH", "XDG_STATE_HOME", "XDG_CACHE_HOME" }

function unit.args(command)
  command:argument("machine", "a recipe, or the name of a machine that ran; left out: vm.lua")
    :args "?"
end

-- A word of a command line in a unit, systemd.service(5): quoted, and without its specifiers.
local function word(text)
  return '"' .. text:gsub('[\\"]', "\\%0"):gsub("%%", "%%%%"):gsub("%$", "$$$$")
    :gsub("\n", "\\n") .. '"'
end

-- An assignment's value: as a word, but a dollar is itself there.
local function assignment(name, value)
  return 'Environment="' .. (name .. "=" .. value):gsub('[\\"]', "\\%0"):gsub("%%", "%%%%") .. '"'
end

-- The recipe's path, and what --set said when it was started by name.
local function recipe_of(argument)
  local path = argument or "vm.lua"
  if host.kind(path) == "directory" then path = path:gsub("/*$", "") .. "/vm.lua" end
  if host.kind(path) then return host.real(path), {} end
  local name, why = machines.name(argument)
  local before = name and machines.remembered(name)
  local clone = before and machines.not_again(name, before)
  if clone then return nil, clone end
  if before and before.recipe then return before.recipe, machines.settings(before) end
  return nil, name and ("machine '%s' was not started from a recipe"):format(name) or why
end

local function environment()
  local lines = {}
  for _, name in ipairs(PASSED) do
    local value = os.getenv(name)
    if value then lines[#lines + 1] = assignment(name, value) end
  end
  return table.concat(lines, "\n")
end

-- SIGTERM goes to the supervisor alone, which saves the machine or takes it down by its ladder;
-- whatever is left after that is killed.
local TEMPLATE = [[
# %s, from %s
# QEMU: %s
[Unit]
Description=lunik machine %s

[Service]
Type=notify
NotifyAccess=main
ExecStart=%s supervise --recipe %s
%s
KillMode=mixed
KillSignal=SIGTERM
TimeoutStartSec=%d
TimeoutStopSec=%d
Restart=on-failure
SuccessExitStatus=7

[Install]
WantedBy=default.target
]]

local HINTS = [[
lunik: to install it:
  lunik unit %s > ~/.config/systemd/user/lunik-%s.service
  systemctl --user daemon-reload
  systemctl --user enable --now lunik-%s.service
  loginctl enable-linger      starts it at boot, before you log in
]]

local function seconds(value) return math.ceil(value) + MARGIN end

local function stopping(plan)
  local stop = plan.stop
  return seconds(stop.powerdown + stop.quit + stop.term
                 + (plan.on_host_shutdown == "save" and SAVING or 0))
end

function unit.run(args, out, err)
  local recipe, set = recipe_of(args.machine)
  if not recipe then return nil, set end
  local words = { word(recipe) }
  for i, setting in ipairs(set) do words[i + 1] = word(setting) end
  local plan, machine, code = arguments.plan({ recipe = recipe, set = set },
                                       { anyway = true, kept = true, saved = "any" })
  if not plan then return nil, machine, code end
  local path, why = program.path()
  if not path then return nil, why end
  out:write(TEMPLATE:format(plan.name, (recipe:gsub("%c", "?")), plan.binary, plan.name, word(path),
    table.concat(words, " "), environment(), seconds(plan.ready.timeout or 120),
    stopping(plan)))
  err:write(HINTS:format(args.machine or "", plan.name, plan.name))
  return exit.ok
end

return unit
