-- SPDX-License-Identifier: MIT
-- Display options, as qemu-options.hx groups them.
local kind = require "lunik.qemu.kind"

local cards = { "std", "cirrus", "vmware", "qxl", "xenfb", "tcx", "cg3", "virtio", "none" }

return {
  (require "lunik.qemu.display.window"),
  (require "lunik.qemu.display.spice"),
  (require "lunik.qemu.display.vnc"),

  { "nographic", grammar = "flag",
    doc = "no screen; serial port and monitor share the terminal" },
  { "vga", grammar = "text", kind = kind.word_such_as(cards), once = true,
    doc = "graphics card of the board", examples = { { "virtio" } } },
  { "full-screen", grammar = "flag",
    doc = "start in full screen" },
  { "g", grammar = "geometry", kind = kind.geometry, once = true,
    only = { "m68k", "ppc", "ppc64", "sparc", "sparc64" },
    doc = "resolution and depth at start", examples = { { "1024x768x32" } } },

  { "portrait", grammar = "flag", removed = "9.2",
    doc = "the screen is turned by 90 degrees (PXA boards)" },
  { "rotate", grammar = "text", kind = kind.one_of { "0", "90", "180",
    "270" }, once = true, removed = "9.2",
    doc = "the screen is turned by so many degrees (PXA boards)", examples = { { "90" } } },
  { "sdl", grammar = "flag", removed = "7.1", deprecated = "use -display sdl",
    doc = "show the screen with SDL" },
  { "curses", grammar = "flag", removed = "7.1", deprecated = "use -display curses",
    doc = "show the screen in the terminal" },
  { "alt-grab", grammar = "flag", removed = "7.1",
    deprecated = "use -display sdl,grab-mod=lshift-lctrl-lalt",
    doc = "Ctrl-Alt-Shift frees the mouse" },
  { "ctrl-grab", grammar = "flag", removed = "7.1", deprecated = "use -display sdl,grab-mod=rctrl",
    doc = "right Ctrl frees the mouse" },
  { "no-quit", grammar = "flag", removed = "7.0", deprecated = "use -display …,window-close=off",
    doc = "closing the window does not end QEMU" },
  { "show-cursor", grammar = "flag", removed = "6.0", deprecated = "use -display …,show-cursor=on",
    doc = "the host's cursor is shown too" },
}
