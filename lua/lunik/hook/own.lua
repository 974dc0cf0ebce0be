-- SPDX-License-Identifier: MIT
-- The events of lunik's own on the control socket, rows like those of QEMU's. By themselves, since
-- whoever hears one of them need not load all of those.
local member = require "lunik.hook.member"

local own = {}

local text, number, object = member.text, member.number, member.object
local maybe, word = member.maybe, member.word

own.rows = {
  { name = "LUNIK_PROGRESS", lunik = true,
    doc = "something is done, a hook prints, there is a problem",
    carries = { text("kind", "what it is about, such as problem or stop"), text("text") } },
  { name = "LUNIK_READY", lunik = true, hook = "ready", doc = "the machine's `ready =` holds",
    carries = {} },
  { name = "LUNIK_ENDED", lunik = true, hook = "exit", doc = "the machine has ended; so does the "
      .. "connection",
    carries = { word("kind", "poweroff reset quit saved crash helper panic provision fork "
        .. "template deadline killed"),
      text("text", "the same in words"), number("code", "the exit status it stands for"),
      number("status", "of QEMU's process", maybe),
      number("signal", "that ended QEMU's process", maybe),
      object("lines", "QEMU's last lines, a list") } },
  { name = "LUNIK_COPY_BROKEN", lunik = true, doc = "the daemon is gone that showed the guest a "
      .. "file for a copy (lunik-copy-lend)", carries = { text("id", "of lunik-copy-lend") } },
  { name = "LUNIK_EVENTS_LOST", lunik = true, doc = "this client has read too slowly",
    carries = { number("count", "how many events it missed") } },
}

local by_name = {}
for _, row in ipairs(own.rows) do by_name[row.name] = row end

-- The row of such an event | nil
function own.find(name) return by_name[name] end

return own
