-- SPDX-License-Identifier: MIT
local secret = { first = true, "-object", "secret,id=s0,data=letmein" }

return {
  { { "unix:@dir/a,b" }, "vnc=unix:@dir/a,,b", try = {} },
  { { "none", id = "v0", connections = 4, display = "d0", head = 0, lock_key_sync = false,
    key_delay_ms = 20,
      lossy = true, non_adaptive = true, share = "force-shared", audiodev = "a0",
        power_control = true },
    "none,id=v0,audiodev=a0,connections=4,display=d0,head=0,key-delay-ms=20,lock-key-sync=off,"
      .. "lossy=on,"
      .. "non-adaptive=on,power-control=on,share=force-shared",
    try = { "-audiodev", "none,id=a0", "-device", "secondary-vga,id=d0" } },
  { { "127.0.0.1:77", to = 99, ipv4 = true, ipv6 = false, websocket = { "127.0.0.1:47801",
    "127.0.0.1:47802" } },
    "127.0.0.1:77,ipv4=on,ipv6=off,to=99,websocket=127.0.0.1:47801,websocket=127.0.0.1:47802",
      try = {} },
  { { vnc = { "unix:@dir/a", "unix:@dir/b" } }, "vnc=unix:@dir/a,vnc=unix:@dir/b", try = {} },
  { { "unix:@dir/vnc", websocket = "unix:@dir/ws" },
    "unix:@dir/vnc,websocket=unix:@dir/ws", since = "10.0", try = {} },
  { { "unix:@dir/vnc", password = true }, "unix:@dir/vnc,password=on", try = {} },
  { { "unix:@dir/vnc", password_secret = "s0" }, "unix:@dir/vnc,password-secret=s0", try = secret },
  { { "unix:@dir/vnc", tls_creds = "t0", tls_authz = "z0" },
    "unix:@dir/vnc,tls-authz=z0,tls-creds=t0",
    try = { first = true, "-object", "tls-creds-anon,id=t0,endpoint=server",
      "-object", "authz-simple,id=z0,identity=CN=me" } },
  { { "unix:@dir/vnc", sasl = true, sasl_authz = "z0" }, "unix:@dir/vnc,sasl=on,sasl-authz=z0",
    try = { first = true, "-object", "authz-simple,id=z0,identity=me" } },
  { { "127.0.0.1:5500", reverse = true }, "127.0.0.1:5500,reverse=on",
    try = "needs a viewer that listens" },
}
