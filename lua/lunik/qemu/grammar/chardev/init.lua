-- SPDX-License-Identifier: MIT
-- A character backend's short form, as -serial, -parallel, -monitor, -qmp, -qmp-pretty,
-- -debugcon and -gdb take it, to arguments and back:
--   "unix:/a,,b,server=on,wait=off"  { "unix", path = "/a,b", server = true, wait = false }
-- What QEMU does, read in chardev/char.c:qemu_chr_parse_compat and tried on 7.2 and 10.0:
--   whole words     null pty msmouse wctablet braille testdev stdio none: nothing may
--                   follow ("stdio,signal=off" is an error). none is -serial's,
--                   -parallel's, -monitor's and -gdb's, and there it makes no backend.
--   verbatim        file: pipe: pty: (9.2) chardev: /dev/… COMn take the rest as it is:
--                   "file:a,b" writes a,b, "file:a,,b" writes a,,b, no options, no empty
--                   name. /dev/parport* and /dev/ppi* are parallel, /dev/* and COM* serial.
--   with options    unix: (first value is the path) and tcp: telnet: tn3270: websocket: (after
--                   the port) go on as -chardev does: key=value, commas doubled, bare words,
--                   later keys win. id= is ignored; backend= would change the backend.
--   HOST:PORT       1 to 64 characters that are not ':', then 1 to 32; no brackets, so an IPv6
--                   address goes into host= behind an empty one. A longer port is cut.
--   udp:            HOST:PORT[@[HOST]:PORT]; options are ignored, not refused.
--   vc              "vc", "vc:WxH" pixels, "vc:COLSCxROWSC"; whatever else follows is ignored.
--   mon:            before any of these but none and chardev:, also puts a monitor on it
--                   (mux=on; "mon:stdio" leaves control-c to the guest). -qmp mon:… aborts QEMU.
--   elsewhere       -gdb tcp: adds wait=off,nodelay=on,server=on, in 127 bytes on 7.2; -monitor
--                   takes any word that begins with none; -monitor and -qmp cut the id of
--                   chardev: at 31 bytes; -debugcon chardev:ID is refused.
local chardev = {}

-- parse(text) -> arguments, and what of the text QEMU ignores | nil, why
chardev.parse = require "lunik.qemu.grammar.chardev.read"

-- render(args) -> text | nil, why. A lone first value that is a short form already is
-- taken as it is.
chardev.render = require "lunik.qemu.grammar.chardev.write"

-- Arguments whose lone first value may be a short form in one piece, taken apart.
function chardev.expand(args)
  local form = args[1]
  if type(form) ~= "string" or not form:find("[:/]") or next(args, next(args)) then return args end
  return chardev.parse(form) or args
end

return chardev
