-- SPDX-License-Identifier: MIT
-- Held against every machine: sshfs needs a network.
return {
  doc = "mounts over sshfs have a network",
  check = function(machine, say)
    local mount, network
    for _, item in ipairs(machine.items) do
      if item.family == "mount" and item.kind == "sshfs" then mount = mount or item end
      if item.family == "nic" or item.option then network = true end
    end
    if mount and not network then say(mount, nil, "sshfs needs a network: nic {}") end
  end,
}
