-- SPDX-License-Identifier: MIT
local secret = { first = true, "-object", "secret,id=s0,data=letmein" }

return {
  { { port = 47811, addr = "127.0.0.1", ipv4 = true, disable_ticketing = true },
    "port=47811,addr=127.0.0.1,disable-ticketing=on,ipv4=on", try = {} },
  { { port = 47812, addr = "::1", ipv6 = true, disable_ticketing = true },
    "port=47812,addr=::1,disable-ticketing=on,ipv6=on", try = "needs IPv6" },
  { { unix = true, addr = "@dir/spice", password_secret = "s0" },
    "addr=@dir/spice,password-secret=s0,unix=on",
    try = secret },
  { { unix = true, addr = "@dir/spice", password = "letmein" },
    "addr=@dir/spice,password=letmein,unix=on",
    removed = "8.0", try = {} },
  { { unix = true, addr = "@dir/spice", disable_ticketing = true, plaintext_channel = { "main",
    "default" },
      image_compression = "quic", jpeg_wan_compression = "never",
        zlib_glz_wan_compression = "always",
      streaming_video = "filter", disable_copy_paste = true, disable_agent_file_xfer = true,
        agent_mouse = false,
      playback_compression = false, seamless_migration = true },
    "addr=@dir/spice,agent-mouse=off,disable-agent-file-xfer=on,disable-copy-paste=on,"
      .. "disable-ticketing=on,"
      .. "image-compression=quic,jpeg-wan-compression=never,plaintext-channel=main,"
        .. "plaintext-channel=default,"
      .. "playback-compression=off,seamless-migration=on,streaming-video=filter,unix=on,"
        .. "zlib-glz-wan-compression=always",
    try = {} },
  { { unix = true, addr = "@dir/spice", disable_ticketing = true, display = "d0", head = 0 },
    "addr=@dir/spice,disable-ticketing=on,display=d0,head=0,unix=on",
      try = { "-device", "secondary-vga,id=d0" } },
  { { unix = true, addr = "@dir/spice", sasl = true }, "addr=@dir/spice,sasl=on,unix=on",
    try = {} },
  { { tls_port = 47813, x509_dir = "@dir", tls_channel = { "main",
    "inputs" }, tls_ciphers = "HIGH:!aNULL" },
    "tls-port=47813,tls-channel=main,tls-channel=inputs,tls-ciphers=HIGH:!aNULL,x509-dir=@dir",
    try = "needs certificates" },
  { { tls_port = 47814, x509_key_file = "key.pem", x509_key_password = "letmein",
    x509_cert_file = "cert.pem",
      x509_cacert_file = "ca.pem", x509_dh_key_file = "dh.pem" },
    "tls-port=47814,x509-cacert-file=ca.pem,x509-cert-file=cert.pem,x509-dh-key-file=dh.pem,"
      .. "x509-key-file=key.pem,"
      .. "x509-key-password=letmein", try = "needs certificates" },
  { { unix = true, addr = "@dir/spice", disable_ticketing = true, gl = true,
    rendernode = "/dev/dri/renderD128" },
    "addr=@dir/spice,disable-ticketing=on,gl=on,rendernode=/dev/dri/renderD128,unix=on",
      try = "needs a GPU" },
}
