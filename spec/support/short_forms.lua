-- SPDX-License-Identifier: MIT
-- Cases for the options that take a character backend's short form.
local cases = {
  { { "none" }, "none", try = {} },
  { { "null" }, "null", try = {} },
  { { "stdio" }, "stdio", try = {} },
  { { "stdio", mon = true }, "mon:stdio", try = {} },
  { { "pty" }, "pty", try = {} },
  { { "pty", path = "@dir/p,ty" }, "pty:@dir/p,ty", since = "9.2", try = {} },
  { { "msmouse" }, "msmouse", try = {} },
  { { "wctablet" }, "wctablet", try = {} },
  { { "braille" }, "braille", try = "needs BrlTTY" },
  { { "testdev" }, "testdev", try = {} },
  { { "console" }, "con:", try = "needs Windows" },
  { { "vc" }, "vc", try = {} },
  { { "vc", width = 800, height = 600 }, "vc:800x600", try = {} },
  { { "vc", cols = 80, rows = 24 }, "vc:80Cx24C", try = {} },
  { { "file", path = "@dir/a,b" }, "file:@dir/a,b", try = {} },
  { { "pipe", path = "@dir/fi,fo" },
    "pipe:@dir/fi,fo", try = { { file = "@dir/fi,fo", size = 0 } } },
  { { "serial", path = "/dev/ptmx" }, "/dev/ptmx", try = {} },
  { { "parallel", path = "/dev/parport0" }, "/dev/parport0", try = "needs a parallel port" },
  { { "unix", path = "@dir/a,b", server = true, wait = false, logfile = "@dir/l,og",
      logappend = true, mux = true },
    "unix:@dir/a,,b,logappend=on,logfile=@dir/l,,og,mux=on,server=on,wait=off", try = {} },
  { { "unix", path = "@dir/a", server = true, wait = false, logfile = "@dir/log",
      logappend = false },
    "unix:@dir/a,logappend=off,logfile=@dir/log,server=on,wait=off", try = {} },
  { { "unix", path = "@dir/a=b", server = true, wait = false },
    "unix:path=@dir/a=b,server=on,wait=off", try = {} },
  { { "unix", path = "@dir/a", abstract = true, tight = false, server = true,
      wait = false, telnet = true },
    "unix:@dir/a,abstract=on,server=on,telnet=on,tight=off,wait=off", try = {} },
  { { "unix", path = "@dir/none", reconnect = 1 },
    "unix:@dir/none,reconnect=1", removed = "10.2", try = {} },
  { { "unix", path = "@dir/none", reconnect_ms = 500 },
    "unix:@dir/none,reconnect-ms=500", since = "9.2", try = {} },
  { { "unix", path = "@dir/a", server = true, wait = false, websocket = true },
    "unix:@dir/a,server=on,wait=off,websocket=on", try = {} },
  { { "tcp", host = "127.0.0.1", port = 46000, to = 46999, ipv4 = true, ipv6 = false,
      nodelay = true, server = true, wait = false },
    "tcp:127.0.0.1:46000,ipv4=on,ipv6=off,nodelay=on,server=on,to=46999,wait=off", try = {} },
  { { "tcp", host = "::1", port = 0, server = true, wait = false },
    "tcp::0,host=::1,server=on,wait=off", try = {} },
  { { "tcp", host = "127.0.0.1", port = 0, server = true, wait = false, delay = false,
      tn3270 = false },
    "tcp:127.0.0.1:0,delay=off,server=on,tn3270=off,wait=off", try = {} },
  { { "tcp", host = "127.0.0.1", port = 0, server = true, wait = false, tls_creds = "tls0",
      tls_authz = "who" },
    "tcp:127.0.0.1:0,server=on,tls-authz=who,tls-creds=tls0,wait=off",
    try = { "-object", "tls-creds-anon,id=tls0,endpoint=server",
      "-object", "authz-simple,id=who,identity=me" } },
  { { "telnet", host = "127.0.0.1", port = 0, server = true, wait = false },
    "telnet:127.0.0.1:0,server=on,wait=off", try = {} },
  { { "tn3270", host = "127.0.0.1", port = 0, server = true, wait = false },
    "tn3270:127.0.0.1:0,server=on,wait=off", try = {} },
  { { "websocket", host = "127.0.0.1", port = 0, server = true, wait = false },
    "websocket:127.0.0.1:0,server=on,wait=off", try = {} },
  { { "udp", host = "127.0.0.1", port = 9, localaddr = "127.0.0.1", localport = 0 },
    "udp:127.0.0.1:9@127.0.0.1:0", try = {} },
  { { "udp", port = 9 }, "udp::9", try = { needs = "/etc/hosts" } },
  { { "chardev", id = "c0" }, "chardev:c0", try = { "-chardev", "null,id=c0" } },
}

-- What cannot be tried on a monitor.
local heard = "obeys what the monitor writes to it, and ends QEMU"

-- The cases but for the forms and keys in `without` (a list); a `monitor` writes to its backend.
return function(without, monitor)
  local skip, out = {}, {}
  for _, word in ipairs(without) do skip[word] = true end
  local function skipped(args)
    for key in pairs(args) do
      if skip[key] then return true end
    end
    return skip[args[1]]
  end
  for _, case in ipairs(cases) do
    if not skipped(case[1]) then
      local try = monitor and case[1][1] == "testdev" and heard or case.try
      out[#out + 1] = { case[1], case[2], since = case.since, removed = case.removed, try = try }
    end
  end
  return out
end
