-- SPDX-License-Identifier: MIT
-- Whether the guest could mount directories of this host: 10.0.2.2 is the host for user networks.
return {
  doc = "whether guests can mount directories of this host over ssh",
  look = function(host, say)
    local free = host.port_is_free("127.0.0.1", 22)
    if free then
      say("warn", "no ssh server listens here", "apt install openssh-server")
    else
      say("ok", 'an ssh server listens: mount { kind = "sshfs", source = "USER@10.0.2.2:…" }')
    end
  end,
}
