-- SPDX-License-Identifier: MIT
local fixed = { mixing_engine = true, fixed_settings = true, frequency = 48000, channels = 2,
  format = "s16",
  voices = 1, buffer_length = 10000 }
local text = "%s.buffer-length=10000,%s.channels=2,%s.fixed-settings=on,%s.format=s16,"
  .. "%s.frequency=48000,"
  .. "%s.mixing-engine=on,%s.voices=1"

local function way(name) return (text:gsub("%%s", name)) end

local both = way "in" .. "," .. way "out"

local function backend(name, try, removed)
  return { { name, id = "a", ["in"] = fixed, out = fixed }, name .. ",id=a," .. both,
    try = try, removed = removed }
end

-- The keys of a direction besides those, and the backend's own.
local function own(name, direction, keys, rendered, try, removed)
  local args = { name, id = "a", ["in"] = direction, out = direction }
  for key, value in pairs(keys) do args[key] = value end
  return { args, name .. ",id=a," .. rendered, try = try, removed = removed }
end

local absent = "Debian's QEMU is built without it"

return {
  backend("none", {}), backend("wav", {}), backend("alsa", "needs a sound card"),
  backend("oss", "needs a sound card"), backend("sdl", absent), backend("pa",
    "needs a PulseAudio server"),
  backend("coreaudio", "needs macOS"), backend("dsound", "needs Windows"), backend("jack", absent),
  backend("sndio", "needs a sound server"), backend("spice", { "-spice",
    "port=5999,addr=127.0.0.1,disable-ticketing=on" }),
  backend("dbus", { "-display", "dbus,p2p=yes" }), backend("pipewire", absent),
  { { "none", id = "a", timer_period = 5000 }, "none,id=a,timer-period=5000", try = {} },
  own("alsa", { dev = "default", period_length = 5000, try_poll = false }, { threshold = 100 },
    "in.dev=default,in.period-length=5000,in.try-poll=off,out.dev=default,out.period-length=5000,"
      .. "out.try-poll=off,"
      .. "threshold=100", "needs a sound card"),
  own("coreaudio", { buffer_count = 4 }, {}, "in.buffer-count=4,out.buffer-count=4", "needs macOS"),
  own("sdl", { buffer_count = 4 }, {}, "in.buffer-count=4,out.buffer-count=4", absent),
  own("dsound", nil, { latency = 10000 }, "latency=10000", "needs Windows"),
  { { "dbus", id = "a", nsamples = 480 }, "dbus,id=a,nsamples=480", since = "10.0", try = absent },
  own("jack", { server_name = "default", client_name = "vm", connect_ports = ".*",
    start_server = false,
      exact_name = true }, {},
    "in.client-name=vm,in.connect-ports=.*,in.exact-name=on,in.server-name=default,"
      .. "in.start-server=off,"
      .. "out.client-name=vm,out.connect-ports=.*,out.exact-name=on,out.server-name=default,"
        .. "out.start-server=off",
    absent),
  own("oss", { dev = "/dev/dsp", buffer_count = 4, try_poll = true },
    { try_mmap = true, exclusive = false, dsp_policy = 5 },
    "dsp-policy=5,exclusive=off,in.buffer-count=4,in.dev=/dev/dsp,in.try-poll=on,"
      .. "out.buffer-count=4,out.dev=/dev/dsp,"
      .. "out.try-poll=on,try-mmap=on", "needs a sound card"),
  own("pa", { name = "sink", stream_name = "vm", latency = 15000 },
    { server = "unix:/run/pulse,x" },
    "in.latency=15000,in.name=sink,in.stream-name=vm,out.latency=15000,out.name=sink,"
      .. "out.stream-name=vm,"
      .. "server=unix:/run/pulse,,x", "needs a PulseAudio server"),
  own("pipewire", { name = "sink", stream_name = "vm", latency = 15000 }, {},
    "in.latency=15000,in.name=sink,in.stream-name=vm,out.latency=15000,out.name=sink,"
      .. "out.stream-name=vm", absent),
  own("sndio", nil, { dev = "default", latency = 10000 }, "dev=default,latency=10000",
    "needs a sound server"),
  { { "wav", id = "a", path = "@dir/a,b.wav" }, "wav,id=a,path=@dir/a,,b.wav", try = {} },
}
