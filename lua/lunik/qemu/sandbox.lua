-- SPDX-License-Identifier: MIT
-- What lunik's seccomp filter (spawn and elevateprivileges denied) would kill QEMU for, at the
-- start or at the guest's first use of it: options that start a program or change the user.
local keys = require "lunik.qemu.keys"

local sandbox = {}

local starts = "QEMU would start a program, and its sandbox kills it for that"
local becomes = "QEMU would become another user, and its sandbox kills it for that"

-- A list of what a key holds, which may be one value or none.
local function each(value) return ipairs(type(value) == "table" and value or { value }) end

-- Rows of what a network backend does: key | nil, what instead.
local backends = {}

function backends.user(args, report)
  for _, rule in each(args.guestfwd) do
    local head = type(rule) == "string" and rule:match "^(t?c?p?:[^:]+:%d+%-)cmd:"
    if head then
      report("guestfwd", starts, ('let the command listen, and say "%stcp:127.0.0.1:PORT"'):format(
        head))
    end
  end
  if args.smb ~= nil then report("smb", starts, "mount { … } shares a folder with the guest") end
end

function backends.tap(args, report)
  if args.fd ~= nil or args.fds ~= nil then return end
  if args.helper ~= nil then
    report("helper", starts, 'nic { kind = "bridge" } has lunik start it')
    return
  end
  for _, key in ipairs { "script", "downscript" } do
    if args[key] ~= "no" then
      local name = args[key] == nil and ("%s is /etc/qemu-if%s: "):format(key,
        key == "script" and "up" or "down") or ""
      report(args[key] ~= nil and key or nil, name .. starts,
        ('say %s = "no", or nic { kind = "tap" }'):format(key))
    end
  end
end

function backends.bridge(_, report)
  report(nil, starts, 'nic { kind = "bridge" } has lunik start the helper')
end

function backends.passt(_, report)
  report(nil, starts, 'start passt yourself, and say qemu.netdev { "stream", … }')
end

local function network(args, report, row)
  local backend = backends[keys.form(row, args)]
  if backend then backend(args, report) end
end

local function another_user(key)
  return function(args, report)
    if args[key or 1] ~= nil then
      report(key, becomes, "run lunik as that user")
    end
  end
end

-- option -> function(args, report(key | nil, why, what instead), row)
local rows = {
  netdev = network, nic = network, net = network,
  runas = another_user(), ["run-with"] = another_user "user",
}

function rows.daemonize(_, report) report(nil, starts, "lunik up starts it in the background") end

function rows.incoming(args, report)
  if tostring(args[1]):find "^exec:" then
    report(nil, starts, 'let the program write to a socket, and say "unix:PATH"')
  end
end

function rows.display(args, report)
  if args[1] == "spice-app" or args.type == "spice-app" then
    report(nil, starts, "qemu.spice { … }, and a viewer that you start")
  end
end

-- report(key | nil, why) hears of what QEMU would be killed for.
function sandbox.check(row, args, report)
  local check = rows[row.name]
  if not check then return end
  check(args, function(key, why, instead)
    report(key, ("%s: %s; or sandbox = false"):format(why, instead))
  end, row)
end

return sandbox
