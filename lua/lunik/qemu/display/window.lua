-- SPDX-License-Identifier: MIT
-- -display: where the screen is shown. `-display vnc=…` is no backend but -vnc: the key
-- `vnc` stands where others have their first value, and -vnc's keys follow (`bare`).
local kind = require "lunik.qemu.kind"
local vnc = require "lunik.qemu.display.vnc"

local zoom = { "zoom-to-fit", kind = kind.on_off, doc = "the picture fills the window" }
local node = { "rendernode", kind = kind.file, doc = "render node for OpenGL" }

local by = {
  none = {},
  default = {},
  gtk = {
    { "grab-on-hover", kind = kind.on_off, doc = "keys are grabbed when the mouse is over it" },
    { "show-tabs", kind = kind.on_off, doc = "tabs for monitors and serial ports" },
    { "show-menubar", kind = kind.on_off, default = "on", doc = "a menu" },
    zoom,
  },
  sdl = {
    { "grab-mod", kind = kind.one_of { "lctrl-lalt", "lshift-lctrl-lalt",
      "rctrl" }, default = "lctrl-lalt",
      doc = "keys that, with g, free the mouse" },
  },
  curses = { { "charset", kind = kind.text, default = "CP437",
    doc = "character set of the guest's font" } },
  cocoa = {
    { "left-command-key", kind = kind.on_off, default = "on",
      doc = "the guest gets the left command key" },
    { "full-grab", kind = kind.on_off, default = "off",
      doc = "the guest gets macOS's own keys too" },
    { "swap-opt-cmd", kind = kind.on_off, default = "off",
      doc = "option and command change places" },
    { "zoom-to-fit", kind = kind.on_off, since = "8.2", doc = "the picture fills the window" },
    { "zoom-interpolation", kind = kind.on_off, since = "9.0", default = "off",
      doc = "smooth zoom" },
  },
  ["egl-headless"] = { node },
  ["spice-app"] = {},
  dbus = {
    { "addr", kind = kind.text, doc = "D-Bus to register with" },
    { "p2p", kind = kind.on_off, doc = "no bus: connections come through the monitor" },
    { "audiodev", kind = kind.ref "audiodev", ref = "audiodev",
      doc = "audio backend that is offered too" },
    node,
  },
  vnc = vnc.keys,
}

return { "display", grammar = "keyval", implied = "type", json = true, order = { "type", "vnc",
  "id" },
  by = by, open_first = true, bare = "vnc",
  keys = {
    { "full-screen", kind = kind.on_off, doc = "start in full screen" },
    { "window-close", kind = kind.on_off, doc = "closing the window ends QEMU" },
    { "show-cursor", kind = kind.on_off, doc = "the host's cursor is shown too" },
    { "gl", kind = kind.on_off_or { "core", "es" }, doc = "OpenGL" },
  },
  doc = "where the screen is shown", source = "qemu-options.hx, qapi/ui.json",
  examples = { { "none" }, { "gtk", gl = true, zoom_to_fit = true },
    { vnc = "127.0.0.1:1", password = true } } }
