-- SPDX-License-Identifier: MIT
-- How the process starts, ends and is confined.
local kind = require "lunik.qemu.kind"

local watchdog = { "reset", "shutdown", "poweroff", "inject-nmi", "pause", "debug", "none" }

-- migration/migration.c; from 10.0 also a channel as key=value or JSON (qapi:MigrationChannel).
local incoming = kind.define("incoming", 'an address such as "tcp:0:4444", or "defer"',
  function(value)
    if type(value) ~= "string" or value:find "%z" then return nil end
    if value == "defer" or value:find "^%l+:." then return value end
    if value:find "^{" or value:find "addr%.transport=" then return value end
  end, { places = function(value, at)
    local socket = value:match "^unix:(.+)$"
    if socket then return "unix:" .. at(socket) end
    local file, rest = value:match "^file:([^,]+)(.*)$"
    return file and "file:" .. at(file, "file") .. rest or value
  end })

local rules = { "allow", "deny" }

return {
  { "pidfile", grammar = "text", kind = kind.output, once = true,
    doc = "file that is locked, and holds the process id", examples = { { "/run/vm.pid" } } },
  { "preconfig", grammar = "flag", once = true,
    doc = "wait for x-exit-preconfig before the board is made (experimental)" },
  { "S", grammar = "flag", once = true, doc = "do not start the CPUs" },
  { "overcommit", grammar = "opts", once = true, source = "qemu-options.hx",
    doc = "memory and CPUs that are not to be shared with the host",
    keys = {
      { "mem-lock", kind = kind.on_off_or { "on-fault" }, default = "off",
        doc = "guest memory stays in RAM; on-fault (10.0): once it was touched" },
      { "cpu-pm", kind = kind.on_off, default = "off",
        doc = "the guest controls the host CPUs' sleep" },
    },
    examples = { { mem_lock = true } } },
  { "no-reboot", grammar = "flag", once = true, doc = "-action reboot=shutdown" },
  { "no-shutdown", grammar = "flag", once = true, doc = "-action shutdown=pause" },
  { "action", grammar = "opts", merges = true, source = "qapi/run-state.json",
    doc = "what happens when the guest ends, restarts or hangs",
    keys = {
      { "reboot", kind = kind.one_of { "reset", "shutdown" }, default = "reset",
        doc = "the guest reboots" },
      { "shutdown", kind = kind.one_of { "poweroff", "pause" }, default = "poweroff",
        doc = "the guest powers off" },
      { "panic", kind = kind.one_of { "pause", "shutdown", "exit-failure", "none" },
        default = "shutdown", doc = "the guest says that it panicked" },
      { "watchdog", kind = kind.one_of(watchdog), default = "reset", doc = "the watchdog fires" },
    },
    examples = { { reboot = "shutdown", panic = "exit-failure" } } },
  { "watchdog-action", grammar = "text", kind = kind.one_of(watchdog), once = true,
    doc = "-action watchdog=", examples = { { "poweroff" } } },
  { "loadvm", grammar = "text", kind = kind.text, once = true,
    doc = "start from this snapshot", examples = { { "booted" } } },
  { "incoming", grammar = "text", kind = incoming, look = "incoming",
    source = "qemu-options.hx, migration/migration.c",
    doc = "start from a migration: tcp:, unix:, fd:, exec:, rdma:, file: (8.2), or defer",
    examples = { { "defer" }, { "unix:/run/vm/migrate.sock" } } },
  { "only-migratable", grammar = "flag", once = true, doc = "refuse devices that cannot migrate" },
  { "daemonize", grammar = "flag", once = true,
    doc = "go to the background, to / and without output, once all is set up" },
  { "chroot", grammar = "text", kind = kind.folder, once = true, removed = "9.0",
    deprecated = "from 8.1 on use -run-with chroot=", doc = "folder to be locked into",
    examples = { { "/var/empty" } } },
  { "runas", grammar = "text", kind = kind.text, once = true, removed = "10.0", look = "user",
    deprecated = "from 9.1 on use -run-with user=", doc = "user to become, USER or UID:GID",
    examples = { { "nobody" } } },
  { "async-teardown", grammar = "flag", once = true, removed = "9.0",
    deprecated = "from 8.1 on use -run-with async-teardown=on",
    doc = "another process gives the guest memory back" },
  { "run-with", grammar = "opts", merges = true, since = "8.1", source = "qemu-options.hx",
    doc = "what the process becomes before the guest starts",
    keys = {
      { "async-teardown", kind = kind.on_off, default = "off",
        doc = "another process gives the guest memory back" },
      { "chroot", kind = kind.folder, doc = "folder to be locked into" },
      { "user", kind = kind.text, look = "user", since = "9.1",
        doc = "user to become, USER or UID:GID" },
      { "exit-with-parent", kind = kind.on_off, default = "off", since = "10.2",
        doc = "end when the parent process does" },
    },
    examples = { { user = "nobody", chroot = "/var/empty" } } },
  { "sandbox", grammar = "opts", implied = "enable", once = true,
    source = "softmmu/qemu-seccomp.c", doc = "seccomp filter on system calls",
    keys = {
      { "enable", kind = kind.on_off, default = "off", doc = "filter" },
      { "obsolete", kind = kind.one_of(rules), default = "deny", doc = "calls that nobody needs" },
      { "elevateprivileges", kind = kind.one_of { "allow", "deny", "children" },
        default = "allow", doc = "become another user; children: they may not either" },
      { "spawn", kind = kind.one_of(rules), default = "allow",
        doc = "start processes; deny kills -daemonize" },
      { "resourcecontrol", kind = kind.one_of(rules), default = "allow",
        doc = "affinity and priority" },
    },
    examples = { { "on", spawn = "deny", obsolete = "deny" } } },
}
