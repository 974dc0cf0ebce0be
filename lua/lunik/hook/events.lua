-- SPDX-License-Identifier: MIT
-- The events that a machine tells: QEMU's, from 7.2 to 10.0, and those of lunik's own on the
-- control socket. A row each:
--   name     as in on("NAME", fn)
--   doc      when it comes, in one line
--   carries  the members of its data: { name, type, doc, values, optional, since }
--   since    the first version of QEMU that has it, where that is later than 7.2
--   removed  the version that has it no more
--   only     the architecture that it is for
--   lunik    true for lunik's own; `hook` names the hook point that hears the same
-- Pure data for the docs, for help, and for judging a name: what runs does not load it.
local extensions = require "lunik.extensions"
local member = require "lunik.hook.member"
local own = require "lunik.hook.own"
local suggest = require "lunik.text.suggest"

local events = {}

local text, number, truth, object = member.text, member.number, member.truth, member.object
local maybe, word = member.maybe, member.word

local reason = word("reason", "none host-error host-qmp-quit host-qmp-system-reset host-signal "
  .. "host-ui guest-shutdown guest-reset guest-panic subsystem-reset snapshot-load",
  "what led to it")
local by_guest = truth("guest", "the guest did it itself")
local panic_action = word("action", "pause poweroff run", "what QEMU does about it")
local panic_info = object("info", "what the guest said, by its type", maybe)
local job = word("type", "commit stream mirror backup create amend snapshot-load snapshot-save "
  .. "snapshot-delete", "which kind of job")
local progress = { number("len", "the end of its work"), number("offset", "how far it came"),
  number("speed", "bytes per second at most; 0 for no limit") }
local vnc_server = object("server", "host, service, family, websocket, auth")
local qom_path = text("qom-path", "its place in the object tree")

local function of_job(...)
  return { job, text("device", "the job, or its device"),
    progress[1], progress[2], progress[3], ... }
end

local function spice(server, client)
  return { object("server", server), object("client", client) }
end

local function unplugged()
  return { text("device", "its id", maybe), text("path", "its place in the object tree") }
end

events.rows = {
  { name = "ACPI_DEVICE_OST", doc = "the guest answered a hot plug by ACPI",
    carries = { object("info", "device, slot, slot-type, source, status") } },
  { name = "BALLOON_CHANGE", doc = "the balloon has another size",
    carries = { number("actual", "the guest's memory now, in bytes") } },
  { name = "BLOCK_EXPORT_DELETED", doc = "a block export is gone, and its id is free",
    carries = { text("id", "of the export") } },
  { name = "BLOCK_IMAGE_CORRUPTED", doc = "a disk image was found to be corrupt",
    carries = { text("device", "may be empty"), text("node-name", "of the image", maybe),
      text("msg", "what is wrong"), number("offset", "where, in bytes", maybe),
      number("size", "how much, in bytes", maybe),
      truth("fatal", "the image cannot be used any more") } },
  { name = "BLOCK_IO_ERROR", doc = "reading or writing a disk went wrong",
    carries = { text("qom-path", "of the disk's device", { since = "9.2" }),
      text("device", "may be empty"), text("node-name", "of the image", maybe),
      word("operation", "read write"),
      word("action", "ignore report stop", "what QEMU does about it"),
      truth("nospace", "the host's disk is full", maybe), text("reason", "the error's text") } },
  { name = "BLOCK_JOB_CANCELLED", doc = "a block job was cancelled", carries = of_job() },
  { name = "BLOCK_JOB_COMPLETED", doc = "a block job is over",
    carries = of_job(text("error", "left out where it went well", maybe)) },
  { name = "BLOCK_JOB_ERROR", doc = "a block job met an error",
    carries = { text("device", "the job, or its device"), word("operation", "read write"),
      word("action", "ignore report stop", "what QEMU does about it") } },
  { name = "BLOCK_JOB_PENDING", doc = "a block job waits for job-finalize",
    carries = { job, text("id", "of the job") } },
  { name = "BLOCK_JOB_READY", doc = "a block job can be completed now", carries = of_job() },
  { name = "BLOCK_WRITE_THRESHOLD", doc = "a disk was written beyond the threshold that was set",
    carries = { text("node-name", "of the image"), number("amount-exceeded", "bytes beyond"),
      number("write-threshold", "what was set, in bytes") } },
  { name = "COLO_EXIT", doc = "fault tolerance by COLO has ended",
    carries = { word("mode", "none primary secondary", "which side this is"),
      word("reason", "none request error processing") } },
  { name = "CPU_POLARIZATION_CHANGE", since = "8.2", only = "s390x",
    doc = "the guest asked for another polarization of its CPUs",
    carries = { word("polarization", "horizontal vertical") } },
  { name = "DEVICE_DELETED", doc = "a device is gone, and its id is free", carries = unplugged() },
  { name = "DEVICE_TRAY_MOVED", doc = "the tray of a drive was opened or closed",
    carries = { text("device", "may be empty"), text("id", "of the drive"), truth("tray-open") } },
  { name = "DEVICE_UNPLUG_GUEST_ERROR", doc = "the guest refused to give up a device",
    carries = unplugged() },
  { name = "DUMP_COMPLETED", doc = "a dump of the guest's memory is over",
    carries = { object("result", "status, completed, total"),
      text("error", "left out where it went well", maybe) } },
  { name = "FAILOVER_NEGOTIATED", doc = "the guest can do failover: the primary card may come",
    carries = { text("device-id", "of the standby card") } },
  { name = "GUEST_CRASHLOADED", doc = "the guest panicked and runs its crash kernel",
    carries = { panic_action, panic_info } },
  { name = "GUEST_PANICKED", doc = "the guest panicked", carries = { panic_action, panic_info } },
  { name = "GUEST_PVSHUTDOWN", since = "9.1", doc = "the guest asked for its end through pvpanic",
    carries = {} },
  { name = "HV_BALLOON_STATUS_REPORT", since = "8.2",
    doc = "the guest's hv-balloon told its memory",
    carries = { number("committed", "bytes in use or out of reach"),
      number("available", "bytes that are free") } },
  { name = "JOB_STATUS_CHANGE", doc = "a job has come to another state",
    carries = { text("id", "of the job"), word("status", "undefined created running paused ready "
      .. "standby waiting pending aborting concluded null") } },
  { name = "MEMORY_DEVICE_SIZE_CHANGE",
    doc = "the guest took or gave memory of a virtio-mem device",
    carries = { text("id", "of the device", maybe), number("size", "what it has now, in bytes"),
      qom_path } },
  { name = "MEMORY_FAILURE", doc = "the host's memory failed below the guest",
    carries = { word("recipient", "hypervisor guest", "whose memory it was"),
      word("action", "ignore inject fatal reset", "what was done"),
      object("flags", "action-required, recursive") } },
  { name = "MEM_UNPLUG_ERROR", removed = "9.1", doc = "memory could not be unplugged",
    carries = { text("device", "its id"), text("msg", "why") } },
  { name = "MIGRATION", doc = "a migration has come to another state",
    carries = { word("status", "none setup cancelling cancelled active postcopy-active "
      .. "postcopy-paused postcopy-recover-setup postcopy-recover completed failed colo "
      .. "pre-switchover device wait-unplug") } },
  { name = "MIGRATION_PASS", doc = "a migration goes through the memory once more",
    carries = { number("pass", "the first is 1") } },
  { name = "NETDEV_STREAM_CONNECTED", doc = "a stream backend is connected",
    carries = { text("netdev-id", "of the backend"),
      object("addr", "the other end, by its type") } },
  { name = "NETDEV_STREAM_DISCONNECTED", doc = "a stream backend lost its connection",
    carries = { text("netdev-id", "of the backend") } },
  { name = "NETDEV_VHOST_USER_CONNECTED", since = "10.0", doc = "a vhost-user backend is connected",
    carries = { text("netdev-id", "of the backend"), text("chardev-id", "of its socket") } },
  { name = "NETDEV_VHOST_USER_DISCONNECTED", since = "10.0",
    doc = "a vhost-user backend lost its connection",
    carries = { text("netdev-id", "of the backend") } },
  { name = "NIC_RX_FILTER_CHANGED",
    doc = "the guest set what a card receives; query-rx-filter arms the next one",
    carries = { text("name", "the card's id", maybe),
      text("path", "its place in the object tree") } },
  { name = "POWERDOWN", doc = "the guest was asked to power off, as by its button", carries = {} },
  { name = "PR_MANAGER_STATUS_CHANGED", doc = "a helper for persistent reservations came or went",
    carries = { text("id", "of the manager object"), truth("connected") } },
  { name = "QUORUM_FAILURE", doc = "a quorum of disks did not agree",
    carries = { text("reference", "the quorum's node"), number("sector-num", "where, in sectors"),
      number("sectors-count", "how many") } },
  { name = "QUORUM_REPORT_BAD", doc = "one disk of a quorum went wrong",
    carries = { word("type", "read write flush"),
      text("error", "left out where it only differs", maybe), text("node-name", "of the image"),
      number("sector-num", "where, in sectors"), number("sectors-count", "how many") } },
  { name = "RDMA_GID_STATUS_CHANGED", removed = "9.1",
    doc = "the guest set an address of an RDMA card",
    carries = { text("netdev", "of the card"), truth("gid-status", "set or cleared"),
      number("subnet-prefix"), number("interface-id") } },
  { name = "RESET", doc = "the machine was reset", carries = { by_guest, reason } },
  { name = "RESUME", doc = "the machine runs on", carries = {} },
  { name = "RTC_CHANGE", doc = "the guest set its clock",
    carries = { number("offset", "seconds from what `-rtc base=` says"), qom_path } },
  { name = "SHUTDOWN", doc = "the machine is about to end", carries = { by_guest, reason } },
  { name = "SPICE_CONNECTED", doc = "a SPICE client connected",
    carries = spice("host, port, family", "host, port, family") },
  { name = "SPICE_DISCONNECTED", doc = "a SPICE client left",
    carries = spice("host, port, family", "host, port, family") },
  { name = "SPICE_INITIALIZED", doc = "a SPICE client opened a channel",
    carries = spice("host, port, family, auth",
      "host, port, family, connection-id, channel-type, channel-id, tls") },
  { name = "SPICE_MIGRATE_COMPLETED", doc = "SPICE has followed a migration", carries = {} },
  { name = "STOP", doc = "the machine is paused", carries = {} },
  { name = "SUSPEND", doc = "the guest sleeps, its memory kept (S3)", carries = {} },
  { name = "SUSPEND_DISK", doc = "the guest sleeps on its disk (S4); QEMU ends", carries = {} },
  { name = "UNPLUG_PRIMARY", doc = "the primary card of a failover pair left for a migration",
    carries = { text("device-id", "of the card") } },
  { name = "VFIO_MIGRATION", since = "9.1", doc = "a passed-through device migrates",
    carries = { text("device-id", "may be empty"), qom_path, word("device-state", "stop running "
      .. "stop-copy resuming running-p2p pre-copy pre-copy-p2p", "what it is at") } },
  { name = "VFU_CLIENT_HANGUP", doc = "the client of a vfio-user server hung up",
    carries = { text("vfu-id", "of the server"), text("vfu-qom-path"),
      text("dev-id", "of the device it serves"), text("dev-qom-path") } },
  { name = "VNC_CONNECTED", doc = "a VNC client connected, and has yet to log in",
    carries = { vnc_server, object("client", "host, service, family, websocket") } },
  { name = "VNC_DISCONNECTED", doc = "a VNC client left", carries = { vnc_server,
    object("client", "host, service, family, websocket, x509_dname, sasl_username") } },
  { name = "VNC_INITIALIZED", doc = "a VNC client has logged in", carries = { vnc_server,
    object("client", "host, service, family, websocket, x509_dname, sasl_username") } },
  { name = "VSERPORT_CHANGE", doc = "the guest opened or closed a virtio serial port",
    carries = { text("id", "of the port"), truth("open") } },
  { name = "WAKEUP", doc = "the guest woke up", carries = {} },
  { name = "WATCHDOG", doc = "the watchdog was not fed in time", carries = {
    word("action", "reset shutdown poweroff pause debug none inject-nmi", "what QEMU does") } },
}

table.move(own.rows, 1, #own.rows, #events.rows + 1, events.rows)

local by_name = {}
for _, row in ipairs(events.rows) do by_name[row.name] = row end

-- An event that an extension announces | nil
local function added(name)
  local row = extensions.row("events", name)
  if not row then return nil end
  row.name, row.carries = name, row.carries or {}
  row.doc = row.doc or "of the extension " .. row.extension
  return row
end

extensions.own("events", function(name)
  return by_name[name] ~= nil or not name:find "^[A-Z][A-Z0-9_]*$"
end)

-- The row of an event | nil
function events.find(name) return by_name[name] or added(name) end

-- All names, QEMU's first, those of extensions last.
function events.names()
  local names = {}
  for i, row in ipairs(events.rows) do names[i] = row.name end
  local more = extensions.names "events"
  return table.move(more, 1, #more, #names + 1, names)
end

-- "; did you mean 'SHUTDOWN'?" for a name that is nearly that of an event, else "". Two wrong
-- letters at most: the events of a newer QEMU resemble its older ones.
function events.nearest(name)
  return suggest.hint(name, events.names(), #name < 8 and 1 or 2)
end

return events
