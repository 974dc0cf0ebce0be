-- SPDX-License-Identifier: MIT
-- The kinds of mistake that a command line can hold: how grave each is, what it means, and what
-- mends it (`lunik help CODE`). An error keeps the machine from starting or makes it another than
-- was written; a warning does neither.
local codes = {}

local function code(name, severity, doc, mend)
  codes[#codes + 1] = { name = name, severity = severity, doc = doc, mend = mend }
  codes[name] = codes[#codes]
end

code("unknown-option", "error", "QEMU has no option of this name.",
  "`lunik help qemu` lists those that there are, `lunik help qemu.NAME` says what one takes.")
code("removed-option", "error", "The option was removed from QEMU before the version that is "
  .. "installed; the message says what does its work now.",
  "Write what the message names in its place.")
code("newer-option", "error", "The option came with a later QEMU than the one that is installed.",
  "Leave it out, or name a newer QEMU with `qemu =`.")
code("foreign-option", "warning", "The option is one of a QEMU that somebody has changed; the "
  .. "installed one may not have it.",
  "Leave it out where the installed QEMU is an ordinary one.")
code("not-built", "error", "The installed QEMU was built without it, or its module is not "
  .. "installed.",
  "Install the package that has it (Debian: qemu-system-gui, qemu-system-modules-spice and the "
  .. "like), or use what `-KIND help` lists.")
code("missing-value", "error", "The option takes a value, and the command line ends before it.",
  "Write the value behind it.")
code("unreadable", "error", "The option's value cannot be read: a key without a name, JSON that is "
  .. "none, a form that QEMU does not know.",
  "A comma in a value is doubled; JSON is one object with double quotes.")
code("unknown-key", "error", "The option has no such key.",
  "`lunik help qemu.NAME` lists its keys. A key that only a newer QEMU has is none here.")
code("missing-key", "error", "A key that the option must have is not there.",
  "Write the key that the message names.")
code("bad-value", "error", "The value is not of the kind that the key takes.",
  "The message says what is taken: a number and its range, on or off, one of some words.")
code("duplicate-key", "error", "The key stands twice in a JSON object.", "Leave one of them out.")
code("repeated-key", "warning", "The key stands more than once, and QEMU takes only one of them.",
  "Leave out those that are not meant.")
code("repeated-option", "warning", "The option stands more than once, and QEMU takes only the "
  .. "last.", "Leave out those that are not meant.")
code("ignored", "warning", "QEMU takes no notice of it.",
  "Leave it out, or write it where it has an effect: the message says where that is.")
code("deprecated", "warning", "QEMU is going to remove it.",
  "Write what the message names, which works now and later.")
code("unknown-device", "error", "QEMU has no device driver of this name.",
  "`-device help` lists them; some are in packages of their own, and some only on other targets.")
code("unknown-object", "error", "QEMU has no object type of this name.",
  "`-object help` lists them.")
code("unknown-machine", "error", "QEMU has no machine type of this name.",
  "`-machine help` lists them; versions that are too old or too new are not among them.")
code("unknown-cpu", "error", "QEMU has no CPU model of this name for this machine.",
  "`-cpu help` lists them.")
code("unknown-property", "error", "What is named has no such property.",
  "`-device NAME,help`, `-object NAME,help` and `-machine NAME,help` list them.")
code("silent-property", "warning", "A property is set by -global that its driver does not have; "
  .. "QEMU takes it and does nothing.",
  "Write one that the driver has: `-device NAME,help` lists them.")
code("duplicate-id", "error", "Two options define the same id.",
  "Give one of them another, and let those that refer to it say so.")
code("dangling-reference", "error", "An id is referred to that no option defines.",
  "Define it, or write an id that is there: the message has the nearest.")
code("already-used", "error", "What is referred to is used by something else already.",
  "Define another for the second.")
code("unused", "warning", "An id is defined that nothing refers to.",
  "Let a device refer to it, or leave it out.")
code("order", "error", "What is referred to is made later than what refers to it.",
  "Write it further to the front: QEMU makes devices in their order.")
code("bus", "error", "The device does not fit the bus, or there is no such bus.",
  "Add the controller that offers such a bus, or name another bus.")
code("slot-taken", "error", "The slot or address is taken by another device.",
  "Leave the address out, and QEMU chooses a free one; or write one that is free.")
code("hotplug", "error", "The device cannot be plugged or unplugged there while the machine runs.",
  "Give it a pcie-root-port of its own: pcie.0 takes devices only at the start.")
code("size", "error", "Sizes or numbers do not agree with each other.",
  "The message names both of them.")
code("suspicious", "warning", "QEMU takes it, but hardly as it was meant.",
  "Write what was meant, with its unit.")
code("exclusive", "error", "Two options, or two keys, cannot stand beside each other.",
  "Leave one of them out, or add the one that the other needs.")
code("format-guessed", "warning", "The format of an image is left to guessing.",
  "Write format=: what a guest writes to a raw disk could make it look like another format.")
code("not-shared", "error", "The guest's memory has to be shared with another process, and is not.",
  "Add a memory backend with share=on, and name it with -machine memory-backend=.")
code("features", "error", "The CPU model has features that are not to be had here.",
  "Leave enforce out, and QEMU runs it without them; or take another model.")
code("unknown-command", "error", "QEMU has no such QMP command.",
  "`query-commands` lists those that there are.")
code("unknown-argument", "error", "The QMP command has no such argument.",
  "The message lists those that it has.")
code("missing-argument", "error", "An argument that the QMP command must have is not there.",
  "Write the argument that the message names.")

code("unknown-field", "error", "A recipe names a field that what it is about does not have.",
  "`lunik help WORD` lists the fields of each word of a recipe.")
code("missing-field", "error", "A field of a recipe that must be there is not.",
  "Write the field that the message names.")
code("recipe", "error", "The recipe says what cannot be, or cannot be read.",
  "The message says what is expected; `lunik help WORD` explains each word of a recipe.")
code("host-lacks", "error", "This host lacks what the machine takes; another may have it.",
  "`lunik doctor` tells what mends it.")

-- What a look at the host finds: its own rows, in one list with these.
for _, row in ipairs(require "lunik.machine.look.codes") do
  code(row[1], row.severity or "error", row[2]:sub(1, 1):upper() .. row[2]:sub(2) .. ".", row[3])
end

return codes
