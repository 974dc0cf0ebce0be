-- SPDX-License-Identifier: MIT
local cases = {
  { { "none" }, "none", try = {} },
  { { "default", show_cursor = true }, "default,show-cursor=on",
    try = { "-vnc", "unix:@dir/vnc" } },
  { { "none", full_screen = false, window_close = false, show_cursor = true, gl = false },
    "none,full-screen=off,gl=off,show-cursor=on,window-close=off",
    try = { says = "window%-close is only valid for GTK and SDL" } },
  { { "gtk", grab_on_hover = true, show_tabs = false, show_menubar = false, zoom_to_fit = true },
    "gtk,grab-on-hover=on,show-menubar=off,show-tabs=off,zoom-to-fit=on",
      try = "needs a window system" },
  { { "sdl", grab_mod = "rctrl", gl = "core" }, "sdl,gl=core,grab-mod=rctrl",
    try = "needs a window system" },
  { { "curses", charset = "CP850" }, "curses,charset=CP850", try = "needs a terminal" },
  { { "cocoa", left_command_key = false, full_grab = true, swap_opt_cmd = true },
    "cocoa,full-grab=on,left-command-key=off,swap-opt-cmd=on", try = "needs macOS" },
  { { "cocoa", zoom_to_fit = true, zoom_interpolation = true },
    "cocoa,zoom-interpolation=on,zoom-to-fit=on",
    since = "9.0", try = "needs macOS" },
  { { "egl-headless", rendernode = "/dev/dri/renderD128" },
    "egl-headless,rendernode=/dev/dri/renderD128",
    try = "needs a GPU" },
  { { "spice-app", gl = false }, "spice-app,gl=off", try = "needs a Spice client" },
  { { "dbus", p2p = true, gl = false, audiodev = "a0" }, "dbus,audiodev=a0,gl=off,p2p=on",
    try = { first = true, "-audiodev", "dbus,id=a0" } },
  { { "dbus", addr = "unix:path=/run/bus,guid=1", rendernode = "/dev/dri/renderD128" },
    "dbus,addr=unix:path=/run/bus,,guid=1,rendernode=/dev/dri/renderD128", try = "needs a D-Bus" },
}

-- -display vnc=… takes what -vnc takes.
for _, case in ipairs(require "options.vnc") do
  local args = { vnc = case[1][1] }
  for key, value in pairs(case[1]) do
    if key ~= 1 then args[key] = value end
  end
  local text = case[2]:find "^vnc=" and case[2] or "vnc=" .. case[2]
  cases[#cases + 1] = { args, text, try = case.try, since = case.since }
end

return cases
