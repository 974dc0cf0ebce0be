-- SPDX-License-Identifier: MIT
-- -audiodev and -audio: where sound goes to and comes from.
local kind = require "lunik.qemu.kind"

local formats = { "u8", "s8", "u16", "s16", "u32", "s32", "f32" }

-- The keys of one direction, and those that a backend adds to them.
local function direction(keys, way, more)
  local function add(name, of, doc, default)
    keys[#keys + 1] = { way .. "." .. name, kind = of, doc = doc, default = default }
  end
  add("mixing-engine", kind.on_off, "QEMU mixes and converts", "on")
  add("fixed-settings", kind.on_off, "the host's settings do not follow the guest's", "on")
  add("frequency", kind.count, "frequency when fixed", "44100")
  add("channels", kind.count, "channels when fixed", "2")
  add("format", kind.one_of(formats), "sample format when fixed", "s16")
  add("voices", kind.count, "voices", "1")
  add("buffer-length", kind.count, "microseconds in the buffer")
  for _, key in ipairs(more) do add(table.unpack(key)) end
end

-- A backend's keys: `more` in each direction, `own` besides.
local function backend(more, own, since)
  local keys = { since = since }
  direction(keys, "in", more or {})
  direction(keys, "out", more or {})
  for _, key in ipairs(own or {}) do keys[#keys + 1] = key end
  return keys
end

local count = { "buffer-count", kind.count, "buffers" }
local poll = { "try-poll", kind.on_off, "poll the device", "on" }
local streams = {
  { "name", kind.text, "source or sink" },
  { "stream-name", kind.text, "name of the stream" },
  { "latency", kind.count, "microseconds of latency that are wished" },
}
local latency = { "latency", kind = kind.count, doc = "microseconds of latency" }

local by = {
  none = backend(),
  spice = backend(),
  alsa = backend({
    { "dev", kind.text, "ALSA device", "default" },
    { "period-length", kind.count, "microseconds of a period" },
    poll,
  }, { { "threshold", kind = kind.count, default = "0",
    doc = "microseconds before playback starts" } }),
  coreaudio = backend { count },
  dbus = backend({}, { { "nsamples", kind = kind.count, since = "10.0",
    doc = "samples a message holds" } }),
  dsound = backend({}, { latency }),
  jack = backend {
    { "server-name", kind.text, "JACK server", "default" },
    { "client-name", kind.text, "name of the client" },
    { "connect-ports", kind.text, "regular expression of ports to connect to" },
    { "start-server", kind.on_off, "start the server when it is not there", "off" },
    { "exact-name", kind.on_off, "no number after a name that is taken", "off" },
  },
  oss = backend({ { "dev", kind.file, "OSS device", "/dev/dsp" }, count, poll }, {
    { "try-mmap", kind = kind.on_off, default = "off", doc = "map the device's memory" },
    { "exclusive", kind = kind.on_off, default = "off", doc = "no other program may play" },
    { "dsp-policy", kind = kind.int(-1, 10), default = "5",
      doc = "timing policy; -1: buffers as given" },
  }),
  pa = backend(streams, { { "server", kind = kind.text, doc = "PulseAudio server" } }),
  pipewire = backend(streams, {}, "8.1"),
  sdl = backend { count },
  sndio = backend({}, { { "dev", kind = kind.text, default = "default",
    doc = "sndio device" }, latency }),
  wav = backend({}, { { "path", kind = kind.output, default = "qemu.wav",
    doc = "file to record into" } }),
}

local period = { "timer-period", kind = kind.count, default = "10000",
  doc = "microseconds between looks" }

local models = { "ac97", "adlib", "cs4231a", "es1370", "gus", "hda", "pcspk", "sb16", "virtio" }

return {
  { "audiodev", grammar = "keyval", implied = "driver", json = true, order = { "driver", "id" },
    by = by, open_first = true, defines = "audiodev",
    keys = { { "id", kind = kind.id, required = true, doc = "id of the backend" }, period },
    doc = "an audio backend", source = "qemu-options.hx, qapi/audio.json",
    examples = { { "wav", id = "snd", path = "out.wav" },
      { "alsa", id = "snd", out = { frequency = 48000, channels = 2 } } } },

  { "audio", grammar = "keyval", implied = "driver",
    order = { "driver", "model", "id" }, once = true,
    by = by, open_first = true, defines = "audiodev",
    keys = {
      { "model", kind = kind.word_such_as(models), doc = "sound card, required before 8.2" },
      { "id", kind = kind.id, default = "audiodev0", doc = "id of the backend" },
      period,
    },
    doc = "an audio backend and, with model, the card that uses it",
    source = "qemu-options.hx, qapi/audio.json", examples = { { "none", model = "hda" } } },

  { "audio-help", grammar = "flag", removed = "8.2", deprecated = "use -audiodev",
    doc = "print the -audiodev that the environment amounts to" },
  { "soundhw", grammar = "words", removed = "7.1", deprecated = "use -audio or -device",
    doc = "sound cards", examples = { { "hda" } } },
  { "balloon", grammar = "opts", implied = "kind", removed = "3.1",
    deprecated = "use -device virtio-balloon",
    doc = "a memory balloon", examples = { { "virtio" } } },
}
