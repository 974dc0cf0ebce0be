-- SPDX-License-Identifier: MIT
-- ssh through a forward of a user network card; one is added where there is none.
local kind = require "lunik.schema.kind"

local forward = {
  doc = "ssh through a forwarded port",
  fields = {
    { "user", kind = kind.string, default = "root", example = 'user = "dev"',
      doc = "user in the guest" },
    { "key", kind = kind.path "file", example = 'key = "~/.ssh/id_ed25519"',
      doc = "private key; left out, ssh chooses" },
    { "port", kind = kind.int(1, 65535), default = 22, example = "port = 2222",
      doc = "where the guest's sshd listens" },
  },
  fork = "new",
}

-- ssh(1) would take "-oProxyCommand=…" for an option
function forward.check(ssh)
  if ssh.user and not ssh.user:find "^[%w_][%w_.-]*%$?$" then
    return nil, "user", "a user name expected"
  end
  return true
end

local function leads_there(nics, port)
  for _, nic in ipairs(nics) do
    for _, f in ipairs(nic.forward or {}) do
      if f.guest == port and f.protocol == "tcp" then return f.name end
    end
  end
end

-- Needs a forward to its port: finds it, or adds it to the first user card.
function forward.join(ssh, machine)
  local nics, first = {}, nil
  for _, item in ipairs(machine.items) do
    if item.family == "nic" then
      nics[#nics + 1] = item
      first = first or item.kind == "user" and item
    end
  end
  ssh.forward = leads_there(nics, ssh.port)
  if ssh.forward then return true end
  if not first then
    return nil, nil, "needs a card of the kind 'user' to forward through: add nic {}"
  end
  ssh.forward = "ssh"
  table.insert(first.forward, { name = "ssh", protocol = "tcp", address = "127.0.0.1", port = 0,
    guest = ssh.port })
  table.sort(first.forward, function(a, b) return a.name < b.name end)
  return true
end

function forward.emit(plan, ssh)
  plan:guest_ssh { user = ssh.user, key = ssh.key, forward = ssh.forward,
    known_hosts = plan.kept and plan:state_file "known_hosts" or nil }
end

return forward
