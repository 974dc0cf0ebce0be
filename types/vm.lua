---@meta
-- Printed by `make docs` from the rows that lunik runs.

---@class lunik.vm
---@field name string the machine's name
---@field facts table what is known of the machine before it runs, to be read only: name, dir (the recipe's folder), memory (bytes), memory_limit (bytes, with all that can be plugged), cpus_limit, ports (how many), agent, ssh (true or false)
local vm = {}

---What the machine is, and how it is. Gives what `lunik status --json` prints.
---@return any
---@return string? why
---@return string? code
function vm:status() end

---Tell hooks, programs and clients of an event that an extension declares. Gives true.
---@param name string
---@param data? table
---@return any
---@return string? why
---@return string? code
function vm:announce(name, data) end

---Whether the machine's `ready =` has held. Gives true or false.
---@return any
---@return string? why
---@return string? code
function vm:is_now_ready() end

---Wait until the machine has ended, or is ready. Gives how it ended: { kind, text, code, status or signal, lines }; true when it is ready.
---@param seconds? number
---@param what? string
---@return any
---@return string? why
---@return string? code
function vm:wait(seconds, what) end

---Begin to stop the machine, or climb to the next rung. Gives true at once; vm:wait() tells the end.
---@param reason? string
---@param rung? string
---@return any
---@return string? why
---@return string? code
function vm:stop(reason, rung) end

---Stop the machine's CPUs. Gives true.
---@return any
---@return string? why
---@return string? code
function vm:pause() end

---Let a paused machine run on. Gives true.
---@return any
---@return string? why
---@return string? code
function vm:resume() end

---Put the machine away as a folder, with all that its guest is about, and end it. Gives { file }.
---@param file? string
---@param options? table
---@return any
---@return string? why
---@return string? code
function vm:save(file, options) end

---Keep in a folder what the machine is now, and let it run on; and start clones from there, where one of n, as, forward, mounts, memory, host_keys, unsafe is given: all of them are up then, or none. Gives { file, stood_still, clones }: the folder, for lunik.fork, for how many seconds the guest stood still, and the names of the clones, where there are any.
---@param file? string
---@param options? table
---@return any
---@return string? why
---@return string? code
function vm:fork(file, options) end

---Make the machine what its recipe says now, as far as it can be while it runs. Gives { changes, applied }: of each change sign (+, -, ~), what, at, text, fate (hot, restart, refused), why, details.
---@param outline table
---@param options? table
---@return any
---@return string? why
---@return string? code
function vm:apply(outline, options) end

---Do what the recipe provisions and has not been done yet on the machine's disk. Gives how many steps were done.
---@param options? table
---@return any
---@return string? why
---@return string? code
function vm:provision(options) end

---Run a command of QEMU's (QMP). Gives what QEMU returned.
---@param command string
---@param arguments? table
---@param seconds? number
---@return any
---@return string? why
---@return string? code
function vm:qmp(command, arguments, seconds) end

---The last events, oldest first. Gives a list of events.
---@return any
---@return string? why
---@return string? code
function vm:events() end

---Call a function at a hook point, or at an event of QEMU's, from now on. Gives true.
---@param name string
---@param fn function
---@return any
---@return string? why
---@return string? code
function vm:on(name, fn) end

---Say something about the machine, to whoever follows its progress. Gives true.
---@param kind string
---@param text string
---@return any
---@return string? why
---@return string? code
function vm:tell(kind, text) end

---Wait without keeping anybody else from working. Gives true.
---@param seconds number
---@return any
---@return string? why
---@return string? code
function vm:sleep(seconds) end

---The time on a clock that never jumps. Gives seconds since some moment.
---@return any
---@return string? why
---@return string? code
function vm:now() end

---Let go of a machine that lives on its own; it runs on. Gives true.
---@return any
---@return string? why
---@return string? code
function vm:close() end

---Run a program in the guest, by its agent, or by ssh where that cannot be used. Gives status, stdout, stderr; and { signal, truncated, note }. The status of a program that a signal ended is 128 and the signal (one that exits with 129 to 159 is taken for such a one: the guest's shell does not tell them apart); what of an output is over 16 MiB is cut, unless a function takes it; `note` says why it was run by ssh. One whose time is over is ended: nil, why, "timeout", and { stdout, stderr, truncated, note, pid }, what it has printed.
---@param argv { [integer]: string, input?: string, seconds?: number, stdin?: function, stdout?: function, stderr?: function, terminal?: function, term?: string, begun?: function }
---@return any
---@return string? why
---@return string? code
function vm:exec(argv) end

---Start a program in the guest, by its agent, and speak to it while it runs. Gives a program.
---@param argv { [integer]: string, seconds?: number }
---@return lunik.program
---@return string? why
---@return string? code
function vm:spawn(argv) end

---Copy a file, or a directory with all that is in it, into the guest. Gives { bytes, road (mount, virtiofs, stream or ssh), skipped (a list of what is neither file, directory nor link) }.
---@param fields { from?: string, source?: function, to: string, progress?: function }
---@param options? table
---@return any
---@return string? why
---@return string? code
function vm:copy_in(fields, options) end

---Copy a file, or a directory with all that is in it, out of the guest. Gives { bytes, road (mount, virtiofs, stream or ssh), skipped (a list of what is neither file, directory nor link) }.
---@param fields { from: string, to?: string, sink?: function, progress?: function }
---@param options? table
---@return any
---@return string? why
---@return string? code
function vm:copy_out(fields, options) end

---The arguments that reach the guest by ssh. Gives a list.
---@param ... string
---@return any
---@return string? why
---@return string? code
function vm:ssh_argv(...) end

---The host's ports that lead into the guest. Gives a list of { name, protocol, address, port, guest }.
---@return any
---@return string? why
---@return string? code
function vm:forwards() end

---The host's port of a forward. Gives the port.
---@param name string
---@return any
---@return string? why
---@return string? code
function vm:forward(name) end

---One more such port. Gives { name, protocol, address, port, guest }, with the real port.
---@param fields { guest: integer, port?: integer, address?: string, protocol?: string, name?: string }
---@param options? table
---@return any
---@return string? why
---@return string? code
function vm:add_forward(fields, options) end

---Close such a port; connections stay. Gives true.
---@param name string
---@return any
---@return string? why
---@return string? code
function vm:remove_forward(name) end

---A directory of the host in the guest, from now on. Gives { tag, type, from, to, readonly, owner, state, why, port, id, hot, by_hand, later, note, steps }.
---@param fields lunik.mount
---@param options? table
---@return any
---@return string? why
---@return string? code
function vm:mount(fields, options) end

---Take such a directory, or one of the start, away. Gives true.
---@param name string
---@param options? table
---@return any
---@return string? why
---@return string? code
function vm:unmount(name, options) end

---Every mount; with a list of those that are wanted, changed to that first. Gives a list of { tag, type, from, to, readonly, owner, state, why, port, id, hot, by_hand, later, note }.
---@param wanted? table[]
---@return any
---@return string? why
---@return string? code
function vm:mounts(wanted) end

---A device, from now on: an item such as disk { … }, or a family and its fields. Gives { id, family, label, port, by_hand }.
---@param family string|lunik.item
---@param fields? table
---@param options? table
---@return any
---@return string? why
---@return string? code
function vm:plug(family, fields, options) end

---Take such a device away; a disk that the guest uses, or that it cannot be asked about, only with force. Gives true.
---@param name string
---@param options? table
---@return any
---@return string? why
---@return string? code
function vm:unplug(name, options) end

---What lies in the CD-ROM drives; with a file or eject, changed before. Gives a list of { id, file, open, locked }.
---@param file? string
---@param options? table
---@return any
---@return string? why
---@return string? code
function vm:cdrom(file, options) end

---What is known of a plugged device. Gives { id, family, label, port, state }.
---@param id string
---@return any
---@return string? why
---@return string? code
function vm:device(id) end

---What sits in which port, in no port, and stays from the start to the end (fixed). Gives a list of { port, id, family, label, state, boot }.
---@return any
---@return string? why
---@return string? code
function vm:slots() end

---@class lunik.program
local program = {}

---Give it input; waits while what was written before is not taken. Gives true.
---@param bytes string
---@return any
---@return string? why
---@return string? code
function program:write(bytes) end

---End its input behind what was written. Gives true.
---@return any
---@return string? why
---@return string? code
function program:close_input() end

---What it has printed since, as soon as there is something. Gives bytes; nil once it has ended and nothing is left.
---@param output? string
---@return any
---@return string? why
---@return string? code
function program:read(output) end

---Goes through the lines that it prints, without their ends. Gives an iterator; a line over 1 MiB comes in parts.
---@param output? string
---@return any
---@return string? why
---@return string? code
function program:lines(output) end

---Send a signal to it and to all that it has started. Gives true.
---@param name string
---@return any
---@return string? why
---@return string? code
function program:signal(name) end

---End its input, and wait for its end. Gives the same as vm:exec, with what of its outputs nobody has read.
---@param seconds? number
---@return any
---@return string? why
---@return string? code
function program:wait(seconds) end

---End it, unless it has ended. A `<close>` variable does that where its block ends, and the garbage collector to one that nobody has any more. Gives true.
---@return any
---@return string? why
---@return string? code
function program:close() end
