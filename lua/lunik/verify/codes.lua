-- SPDX-License-Identifier: MIT
-- The kinds of mistake that a command line can hold: how grave each is, and what it means (`lunik
-- help CODE`). An error keeps the machine from starting or makes it another than was written; a
-- warning does neither.
local codes = {}

local function code(name, severity, doc)
  codes[#codes + 1] = { name = name, severity = severity, doc = doc }
  codes[name] = codes[#codes]
end

code("unknown-option", "error", "QEMU has no option of this name.")
code("removed-option", "error", "The option was removed from QEMU before the version that is "
  .. "installed; the message says what does its work now.")
code("newer-option", "error", "The option came with a later QEMU than the one that is installed.")
code("foreign-option", "warning", "The option is one of a QEMU that somebody has changed; the "
  .. "installed one may not have it.")
code("not-built", "error", "The installed QEMU was built without it, or its module is not "
  .. "installed.")
code("missing-value", "error", "The option takes a value, and the command line ends before it.")
code("unreadable", "error", "The option's value cannot be read: a key without a name, JSON that is "
  .. "none, a form that QEMU does not know.")
code("unknown-key", "error", "The option has no such key.")
code("missing-key", "error", "A key that the option must have is not there.")
code("bad-value", "error", "The value is not of the kind that the key takes.")
code("duplicate-key", "error", "The key stands twice in a JSON object.")
code("repeated-key", "warning", "The key stands more than once, and QEMU takes only one of them.")
code("repeated-option", "warning", "The option stands more than once, and QEMU takes only the "
  .. "last.")
code("ignored", "warning", "QEMU takes no notice of it.")
code("deprecated", "warning", "QEMU is going to remove it.")
code("unknown-device", "error", "QEMU has no device driver of this name.")
code("unknown-object", "error", "QEMU has no object type of this name.")
code("unknown-machine", "error", "QEMU has no machine type of this name.")
code("unknown-cpu", "error", "QEMU has no CPU model of this name for this machine.")
code("unknown-property", "error", "What is named has no such property.")
code("silent-property", "warning", "-global sets a property that its driver does not have; QEMU "
  .. "takes it and does nothing.")
code("duplicate-id", "error", "Two options define the same id.")
code("dangling-reference", "error", "An id is referred to that no option defines.")
code("already-used", "error", "What is referred to is used by something else already.")
code("unused", "warning", "An id is defined that nothing refers to.")
code("order", "error", "What is referred to is made later than what refers to it.")
code("bus", "error", "The device does not fit the bus, or there is no such bus.")
code("slot-taken", "error", "The slot or address is taken by another device.")
code("hotplug", "error", "The device cannot be plugged or unplugged there while the machine runs.")
code("size", "error", "Sizes or numbers do not agree with each other.")
code("suspicious", "warning", "QEMU takes it, but hardly as it was meant.")
code("exclusive", "error", "Two options, or two keys, cannot stand beside each other.")
code("format-guessed", "warning", "The format of an image is left to guessing.")
code("not-shared", "error", "The guest's memory has to be shared with another process, and is not.")
code("features", "error", "The CPU model has features that are not to be had here.")
code("unknown-command", "error", "QEMU has no such QMP command.")
code("unknown-argument", "error", "The QMP command has no such argument.")
code("missing-argument", "error", "An argument that the QMP command must have is not there.")

-- What a look at the host finds: its own rows, in one list with these.
for _, row in ipairs(require "lunik.machine.look.codes") do
  code(row[1], "error", row[2]:sub(1, 1):upper() .. row[2]:sub(2) .. ".")
end

return codes
