-- Short forms of character backends: what QEMU's -serial and its like read, both ways.
local chardev = require "lunik.qemu.grammar.chardev"

local function same(text, args)
  assert.same(args, (chardev.parse(text)))
  assert.equal(text, chardev.render(args))
end

local function refused(why, args)
  local text, reason = chardev.render(args)
  assert.is_nil(text)
  assert.equal(why, reason)
end

describe("a character backend's short form", function()
  it("is a word that nothing may follow", function()
    for word in ("null pty msmouse wctablet braille testdev stdio none vc"):gmatch "%l+" do
      same(word, { word })
    end
    same("con:", { "console" })
    for _, text in ipairs { "stdio,signal=off", "null,mux=on", "nonesuch", "null ", "socket,id=x",
        "" } do
      assert.is_nil((chardev.parse(text)))
    end
  end)

  it("takes paths and ids as they are, commas and all", function()
    for _, path in ipairs { "/a,b", "/a,,b", "a,append=on", "a=b", " ", "mon:stdio", "/tmp/é\n",
        "id=evil" } do
      same("file:" .. path, { "file", path = path })
      same("pipe:" .. path, { "pipe", path = path })
      same("pty:" .. path, { "pty", path = path })
    end
    same("chardev:con0", { "chardev", id = "con0" })
  end)

  it("knows devices of the host by their path", function()
    same("/dev/ttyS0", { "serial", path = "/dev/ttyS0" })
    same("/dev/tty,b", { "serial", path = "/dev/tty,b" })
    same("COM1", { "serial", path = "COM1" })
    same("/dev/parport0", { "parallel", path = "/dev/parport0" })
    same("/dev/ppi0", { "parallel", path = "/dev/ppi0" })
  end)

  it("sizes a virtual console in pixels or characters", function()
    same("vc:800x600", { "vc", width = 800, height = 600 })
    same("vc:80Cx24C", { "vc", cols = 80, rows = 24 })
    for _, text in ipairs { "vc:", "vc:80", "vc:80Cx", "vc:12345678x1" } do
      assert.is_nil((chardev.parse(text)))
    end
  end)

  it("goes on with options after a unix path, whose commas are doubled", function()
    same("unix:/a.sock", { "unix", path = "/a.sock" })
    same("unix:/a,,b,server=on,wait=off", { "unix", path = "/a,b", server = true, wait = false })
    same("unix:path=/a,,id=evil", { "unix", path = "/a,id=evil" })
    same("unix:path=/a=b,,c,server=on", { "unix", path = "/a=b,c", server = true })
    same("unix:a,logfile=b,,c,mux=on,reconnect-ms=5",
      { "unix", path = "a", logfile = "b,c", mux = true, ["reconnect-ms"] = 5 })
  end)

  it("reads the words that QEMU takes for on and off", function()
    local args = { "unix", path = "/a", server = true, wait = false }
    for _, text in ipairs { "unix:/a,server,nowait", "unix:/a,server=yes,wait=no",
        "unix:server=y,wait=n,path=/a", "unix:,path=/a,server=on,wait=false,",
        "unix:/b,path=/a,server=off,server=true,wait=off,id=x" } do
      assert.same(args, (chardev.parse(text)))
    end
    assert.same({ "tcp", port = 1, nodelay = true }, (chardev.parse "tcp::1,nodelay"))
  end)

  it("puts host and port before the options of a connection", function()
    same("tcp:127.0.0.1:4444,server=on,wait=off",
      { "tcp", host = "127.0.0.1", port = 4444, server = true, wait = false })
    same("tcp::http", { "tcp", port = "http" })
    same("telnet:localhost:023,server=on",
      { "telnet", host = "localhost", port = "023", server = true })
    same("tn3270::23", { "tn3270", port = 23 })
    same("websocket:a:80,server=on", { "websocket", host = "a", port = 80, server = true })
    for _, text in ipairs { "tcp:4444", "tcp:a:", "tcp:a", "tcp::" .. ("1"):rep(33),
        "tcp:" .. ("a"):rep(65) .. ":1" } do
      assert.is_nil((chardev.parse(text)))
    end
  end)

  it("says hosts that HOST:PORT cannot hold by their key", function()
    same("tcp::22,host=::1,server=on", { "tcp", host = "::1", port = 22, server = true })
    same("tcp::22,host=" .. ("a"):rep(65), { "tcp", host = ("a"):rep(65), port = 22 })
    same("tcp::22,host=a,,b", { "tcp", host = "a,b", port = 22 })
  end)

  it("has no options after udp", function()
    same("udp:10.0.0.1:5555", { "udp", host = "10.0.0.1", port = 5555 })
    same("udp::5555@:5556", { "udp", port = 5555, localport = 5556 })
    same("udp:a:1@b:2", { "udp", host = "a", port = 1, localaddr = "b", localport = 2 })
    assert.is_nil((chardev.parse "udp:a:1@2"))
    refused("udp: a host's name or IPv4 address expected, got '::1'",
      { "udp", host = "::1", port = 1 })
    refused("udp: localport expected, of at most 32 characters, got ''",
      { "udp", port = 1, localaddr = "b" })
    refused("udp: port expected, of at most 32 characters, got '1@2'", { "udp", port = "1@2" })
    refused("'mux' cannot be said in the short form of udp; use -chardev and chardev:ID",
      { "udp", port = 1, mux = true })
  end)

  it("reports what QEMU ignores", function()
    assert.equal(",mux=on", (select(2, chardev.parse "udp:a:1,mux=on")))
    assert.equal(",logfile=l", (select(2, chardev.parse "vc:80Cx24C,logfile=l")))
    assert.equal("x", (select(2, chardev.parse "vcx")))
    assert.is_nil((select(2, chardev.parse "vc:80Cx24C")))
  end)

  it("may have a monitor before it", function()
    same("mon:stdio", { "stdio", mon = true })
    same("mon:unix:/a,server=on", { "unix", path = "/a", server = true, mon = true })
    same("mon:file:mon:x", { "file", path = "mon:x", mon = true })
    for _, text in ipairs { "mon:none", "mon:chardev:x", "mon:mon:stdio", "mon:" } do
      assert.is_nil((chardev.parse(text)))
    end
    refused("no monitor can be put on chardev", { "chardev", id = "x", mon = true })
    refused("no monitor can be put on none", { "none", mon = true })
  end)

  it("refuses what it cannot say, and says what can", function()
    refused("'append' cannot be said in the short form of file; use -chardev and chardev:ID",
      { "file", path = "/a", append = true })
    refused("'signal' cannot be said in the short form of stdio; use -chardev and chardev:ID",
      { "stdio", signal = false })
    refused("'path' cannot be said in the short form of tcp; use -chardev and chardev:ID",
      { "tcp", port = 1, path = "/a" })
    refused("'backend' cannot be said in the short form of unix; use -chardev and chardev:ID",
      { "unix", path = "/a", backend = "null" })
    refused("'id' cannot be said in the short form of null; use -chardev and chardev:ID",
      { "null", id = "x" })
    refused("file: path expected", { "file" })
    refused("unix: path expected", { "unix", server = true })
    refused("tcp: port expected, of at most 32 characters, got ''", { "tcp", host = "a" })
    refused("tcp: port expected, of at most 32 characters, got '1,2'", { "tcp", port = "1,2" })
    refused("vc: width and height, or cols and rows, of at most 7 digits expected",
      { "vc", width = 80 })
    refused("vc: width and height, or cols and rows, of at most 7 digits expected",
      { "vc", width = 80, height = 25, cols = 1, rows = 2 })
    refused("parallel: a path that begins with /dev/parport or /dev/ppi expected, got '/dev/ttyS0'",
      { "parallel", path = "/dev/ttyS0" })
    refused("serial: a path that begins with /dev/, or COM and a number, expected, got 'ttyS0'",
      { "serial", path = "ttyS0" })
    refused("path: a NUL byte", { "file", path = "a\0b" })
    refused("path: text, a whole number or a boolean expected", { "unix", path = {} })
    refused("'stdoi' is no character backend's short form; did you mean 'stdio'?", { "stdoi" })
    refused("a character backend's short form expected", {})
  end)

  it("takes text that is a short form already", function()
    assert.equal("unix:/a,server,nowait", chardev.render { "unix:/a,server,nowait" })
    assert.equal("vc:80Cx24C", chardev.render { "vc:80Cx24C" })
    refused("unix: path expected", { "unix:" })
  end)

  it("is taken apart when it stands alone, and only then", function()
    assert.same({ "unix", path = "/a", server = true }, chardev.expand { "unix:/a,server" })
    assert.same({ "serial", path = "/dev/ttyS0" }, chardev.expand { "/dev/ttyS0" })
    for _, args in ipairs { { "stdio" }, { "unix:" }, { "unix:/a", server = true }, {}, { 7 } } do
      assert.equal(args, chardev.expand(args))
    end
  end)

  it("takes `_` for `-` in keys", function()
    assert.equal("unix:/a,tls-creds=t", chardev.render { "unix", path = "/a", tls_creds = "t" })
  end)

  it("refuses texts that QEMU reads as something else", function()
    for _, text in ipairs { "unix:/a,backend=null", "unix:/a,mon=on", "unix:a=b", "unix:",
        "unix:path=", "file:", "chardev:", "file:\0", "tcp::1,tls_creds=x" } do
      assert.is_nil((chardev.parse(text)))
    end
  end)

  it("reads back every path and host it writes", function()
    local alphabet = { ",", "=", ":", "@", "/", "a", "id=", "mon:", " ", "\n", "[", "é", ",,",
      "path=", "on" }
    math.randomseed(7)
    for _ = 1, 5000 do
      local parts = {}
      for i = 1, math.random(1, 8) do parts[i] = alphabet[math.random(#alphabet)] end
      local text = table.concat(parts)
      for _, args in ipairs { { "unix", path = text, server = true },
          { "tcp", host = text, port = 7 }, { "file", path = text } } do
        same(chardev.render(args), args)
      end
      chardev.parse(text)
      local args = chardev.parse("unix:" .. text)
      if args then assert.same(args, (chardev.parse(chardev.render(args)))) end
    end
  end)
end)
