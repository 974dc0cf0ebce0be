-- SPDX-License-Identifier: MIT
-- Sockets that are listened on or connected to. What the kernel says is read: to connect would end
-- some daemons.
local holders = require "lunik.machine.look.holders"
local kind = require "lunik.schema.kind"
local place = require "lunik.machine.look.place"
local ports = require "lunik.machine.look.listen"
local truth = require "lunik.qemu.truth"

local show = kind.show

local LONGEST = 107        -- unix(7): 108 bytes; clients that end the path with a NUL manage 107

local function is_on(value) return value == true or truth[value] or false end

local function fits(self, about, path)
  if #path <= LONGEST then return true end
  self:say(about, "socket-long", ("a socket's path has at most %d bytes, this has %d")
    :format(LONGEST, #path))
end

-- QEMU removes what is at the path, and takes it over from whoever listens there.
local function listen(self, about)
  local path = self:absolute(about.value)
  if not fits(self, about, about.value) then return end
  local what = self.host.kind(path)
  if what == "socket" then
    local holder = self.host.users.of_socket(path)
    if holder then
      local who, severity = holders.who(holder, self.name)
      return self:say(about, "socket-taken",
        ("somebody listens on %s already%s; QEMU would take it over"):format(show(about.value),
          who), severity)
    end
  elseif what then
    return self:say(about, "file-kind", what == "directory"
      and show(about.value) .. " is a directory"
      or ("%s is a %s, which QEMU would remove"):format(show(about.value), what))
  end
  place(self, about, path)
end

local function connect(self, about, patient)
  local path = self:absolute(about.value)
  if not fits(self, about, about.value) then return end
  local what, severity = self.host.kind(path), patient and "warning" or nil
  if not what then
    self:say(about, "socket-silent",
      kind.no_such("socket", about.value, path, self.host), severity)
  elseif what ~= "socket" then
    self:say(about, "file-kind", ("%s is a %s, no socket"):format(show(about.value),
      what))
  elseif not self.host.users.of_socket(path) then
    self:say(about, "socket-silent", ("nobody listens on %s"):format(
      show(about.value)), severity)
  else
    local ok, why = self.host.access(path, "w")
    if not ok then
      self:say(about, "file-unwritable", ("%s may not be connected to by %s: %s")
        :format(show(about.value), self.host.user, why))
    end
  end
end

local function unix(self, about, args, server, patient)
  local key = about.key or "path"
  local one = { key = key, value = args.path }
  if is_on(args.abstract) or self.made(self:absolute(args.path)) then return end
  if server then return listen(self, one) end
  connect(self, one, patient)
end

local function inet(self, args, server, patient)
  local one = { key = "port", value = args.port }
  local address = tostring(args.host or "")
  if server then return ports.port(self, one, "tcp", address, args.port, args.to) end
  ports.peer(self, one, address, args.port, patient)
end

local function is_given(value) return value ~= nil and tostring(value) ~= "0" end

-- The keys of a character backend on a socket (qapi/char.json:ChardevSocket).
local function character(self, args, server)
  if args.fd then return end
  server = server or is_on(args.server)
  local patient = is_given(args.reconnect) or is_given(args["reconnect-ms"])
  if args.path then return unix(self, {}, args, server, patient) end
  if args.port then inet(self, args, server, patient) end
end

local looks = {}

function looks.backend(self, about) character(self, about.args) end

-- gdb's stub listens, whatever is said of tcp: (gdbstub.c).
function looks.stub(self, about)
  character(self, about.args, self.entry.row.name == "gdb" and about.form == "tcp")
end

-- chardev/char-udp.c: an own port only where it is said
function looks.udp(self, about)
  local args = about.args
  if args.localport then
    ports.port(self, { key = "localport", value = args.localport }, "udp",
      tostring(args.localaddr or ""), args.localport)
  end
end

-- -netdev stream: addr = { type, path | host, port }
function looks.stream(self, about)
  local args, addr = about.args, {}
  for key, value in pairs(type(args.addr) == "table" and args.addr or {}) do addr[key] = value end
  for key, value in pairs(args) do
    local name = type(key) == "string" and key:match "^addr%.(.*)$"
    if name then addr[name] = value end
  end
  local patient = is_given(args.reconnect) or is_given(args["reconnect-ms"])
  if addr.type == "unix" and addr.path then
    unix(self, { key = "addr.path" }, addr, is_on(args.server), patient)
  elseif addr.type == "inet" and addr.port then
    inet(self, addr, is_on(args.server), patient)
  end
end

-- A path that QEMU connects to.
function looks.peer(self, about) connect(self, about) end

return looks
