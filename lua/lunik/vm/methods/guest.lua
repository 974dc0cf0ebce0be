-- SPDX-License-Identifier: MIT
-- Methods about the guest, and about the host's ports that lead into it: rows of lunik.vm.methods.
local codes = require "lunik.codes"

local ENDING = 1           -- seconds for a QEMU that has closed its sockets to end

local function copy(forward)
  return { name = forward.name, protocol = forward.protocol, address = forward.address,
           port = forward.port, guest = forward.guest }
end

local function unknown(name) return nil, ("no forward named '%s'"):format(name), "missing" end

local forward_name = { "name", type = "string", or_integer = true, doc = "of the forward" }

-- Who copies in the process that has the machine.
local function around(vm)
  return { loop = vm.loop, name = vm.name, env = vm.plan.env, dir = vm.facts.dir,
           doors = require "lunik.vm.streams.exec".doors(vm),
           mounts = function() return require "lunik.vm.devices".mounts(vm) end,
           lend = function(fd) return require "lunik.vm.copy.lend".door(vm)(fd) end,
           ssh_argv = function(argv)
             return require "lunik.vm.methods".find "ssh_argv".run(vm, { argv = argv })
           end }
end

local progress = { "progress", type = "function", here = true, optional = true,
                   doc = "hears, as it goes, how many bytes have gone, and of how many, where that "
                     .. "is known; it must not wait" }

local COPIED = "{ bytes, road (mount, virtiofs, stream or ssh), skipped (a list of what is neither "
               .. "file, directory nor link) }"
local COPY = { "invalid", "missing", "refused", "unreachable", "ended", "closed", "failed" }

-- Asks for a copy, one of lunik.vm.copy.
local function copies(name)
  return function(vm, asked)
    local silent = vm:why_silent()
    if silent then return nil, silent, "unreachable" end
    local done, why, code = require "lunik.vm.copy"[name](around(vm), asked)
    if not done and code == "closed" and vm.qemu.ended:wait(ENDING) then
      return nil, "the machine has ended", "ended"
    end
    return done, why, code
  end
end

local FORWARD = "name, protocol, address, port, guest"

return {
  { name = "exec", wire = "lunik-exec", form = "words", waits = true,
    doc = "run a program in the guest, by its agent, or by ssh where that cannot be used",
    call = 'vm:exec { "program", "argument", …, seconds = 10, input = "bytes" }',
    takes = { { "argv", type = "list", doc = "program and arguments" },
      { "input", type = "bytes", optional = true, doc = "its standard input" },
      { "seconds", type = "number", optional = true,
        doc = "how long it may take; then it is ended" },
      { "stdin", type = "function", here = true, optional = true,
        doc = "gives its standard input in pieces, and nil at the end" },
      { "stdout", type = "function", here = true, optional = true,
        doc = "takes its output in pieces, as it comes" },
      { "stderr", type = "function", here = true, optional = true,
        doc = "the same for its standard error" },
      { "terminal", type = "function", here = true, optional = true,
        doc = "it gets a terminal, where its agent can give it one: gives rows and columns; called "
          .. "again, waits until they have changed" },
      { "term", type = "string", here = true, optional = true,
        doc = "the kind of that terminal, $TERM; default dumb" },
      { "begun", type = "function", here = true, optional = true,
        doc = "called when what is typed is about to go to that terminal" } },
    gives = "status, stdout, stderr; and { signal, truncated, note }. The status of a program that "
      .. "a signal ended is 128 and the signal (one that exits with 129 to 159 is taken "
      .. "for such a one: the guest's shell does not tell them apart); what of an output is over "
      .. "16 MiB is cut, unless a function takes it; `note` says why it was run by ssh. One "
      .. "whose time is over is ended: nil, why, \"timeout\", and { stdout, stderr, truncated, "
      .. "note, pid }, what it has printed",
    returns = "status or signal, out-b64, err-b64, truncated, note, late (why it was ended), pid",
    codes = { "timeout", "unreachable", "unsupported", "invalid", "busy", "ended", "closed",
      "failed" },
    example = 'vm:exec { "uname", "-r" }',
    bytes_given = { "out", "err" },
    run = function(vm, asked)
      local silent = vm:why_silent()
      if silent then return nil, silent, "unreachable" end
      local done, why, code = require "lunik.vm.streams.exec".here(vm, asked)
      if not done and codes.word(code) == "closed" and vm.qemu.ended:wait(ENDING) then
        return nil, "the machine has ended", "ended"
      end
      return done, why, code
    end,
    lua = function(done)
      local more = { signal = done.signal, truncated = done.truncated, note = done.note }
      if done.late then
        more.stdout, more.stderr, more.pid = done.out, done.err, done.pid
        return nil, done.late, "timeout", more
      end
      return done.status or 128 + done.signal, done.out, done.err, more
    end },

  { name = "spawn", form = "words", waits = true,
    doc = "start a program in the guest, by its agent, and speak to it while it runs",
    call = 'vm:spawn { "program", "argument", …, seconds = 10 }',
    takes = { { "argv", type = "list", doc = "program and arguments" },
      { "seconds", type = "number", optional = true,
        doc = "how long it may take; then it is ended" } },
    gives = "a program", class = "lunik.program",
    codes = { "unsupported", "unreachable", "invalid", "ended", "closed", "failed" },
    example = 'local program <close> = assert(vm:spawn { "bc" })',
    run = function(vm, asked)
      local silent = vm:why_silent()
      if silent then return nil, silent, "unreachable" end
      return require "lunik.vm.streams.spawn".start({ loop = vm.loop,
        doors = require "lunik.vm.streams.exec".doors(vm),
        outcome = require "lunik.vm.methods".find "exec".lua,
        call = function(fn, ...) return fn(...) end,
        outside = function() return false end }, asked)
    end },

  { name = "copy_in", form = "fields", waits = true,
    doc = "copy a file, or a directory with all that is in it, into the guest",
    call = 'vm:copy_in { from = "/src/a", to = "/tmp/a", … }',
    takes = { { "from", type = "string", optional = true, doc = "a path of the host's" },
      { "source", type = "function", here = true, optional = true,
        doc = "instead of it: gives a file's bytes in pieces, and nil at the end" },
      { "to", type = "string", doc = "where the guest is to have it; an existing directory takes "
          .. "it in by its own name, or what is in it where `from` ends in `/.`" }, progress },
    gives = COPIED, codes = COPY,
    example = 'vm:copy_in { from = "build/out", to = "/opt" }', run = copies "into" },

  { name = "copy_out", form = "fields", waits = true,
    doc = "copy a file, or a directory with all that is in it, out of the guest",
    call = 'vm:copy_out { from = "/var/log", to = "logs", … }',
    takes = { { "from", type = "string", doc = "a path of the guest's" },
      { "to", type = "string", optional = true,
        doc = "where the host is to have it, as `to` of copy_in" },
      { "sink", type = "function", here = true, optional = true,
        doc = "instead of it: takes a file's bytes in pieces, as they come" }, progress },
    gives = COPIED, codes = COPY,
    example = 'vm:copy_out { from = "/var/log", to = "logs" }', run = copies "out" },

  { name = "ssh_argv", wire = "lunik-ssh", form = "rest",
    doc = "the arguments that reach the guest by ssh",
    call = 'vm:ssh_argv("program", "argument", …)',
    takes = { { "argv", type = "list", doc = "what to run there", optional = true } },
    gives = "a list", returns = "a list of strings", codes = { "unsupported", "missing" },
    example = 'vm:ssh_argv("uname", "-r")',
    run = function(vm, asked)
      local access = vm.plan.guest.ssh
      if not access then return nil, "the machine has no ssh {}", "unsupported" end
      local forward, ssh = vm:find_forward(access.forward), require "lunik.vm.guest.ssh"
      if not forward then return nil, ssh.cut_off(vm.plan), "missing" end
      return ssh.argv(vm.plan, forward, asked.argv or {})
    end },

  { name = "forwards", wire = "lunik-forwards", takes = {},
    doc = "the host's ports that lead into the guest",
    gives = "a list of { " .. FORWARD .. " }", returns = "a list of " .. FORWARD,
    example = "vm:forwards()",
    run = function(vm)
      local list = {}
      for i, forward in ipairs(vm.bound) do list[i] = copy(forward) end
      return list
    end },

  { name = "forward", doc = "the host's port of a forward", takes = { forward_name },
    gives = "the port", codes = { "missing" }, example = 'vm:forward "ssh"',
    run = function(vm, asked)
      local forward = vm:find_forward(asked.name)
      if forward then return forward.port end
      return unknown(asked.name)
    end },

  { name = "add_forward", wire = "lunik-forward-add", form = "fields", waits = true,
    doc = "one more such port", call = "vm:add_forward { guest = 80, port = 8080 }",
    takes = { { "guest", type = "integer", doc = "the guest's port" },
      { "port", type = "integer", doc = "the host's port; 0 or left out: a free one",
        optional = true },
      { "address", type = "string", doc = "the host's address; default 127.0.0.1",
        optional = true },
      { "protocol", type = "string", doc = "tcp (default) or udp", optional = true },
      { "name", type = "string", doc = "default: the guest's port", optional = true } },
    gives = "{ " .. FORWARD .. " }, with the real port",
    returns = "the forward, with its real port",
    codes = { "invalid", "taken", "unreachable", "failed" },
    example = "vm:add_forward { guest = 80 }",
    run = function(vm, asked) return vm:add_forward(asked) end },

  { name = "remove_forward", wire = "lunik-forward-remove", waits = true,
    doc = "close such a port; connections stay", takes = { forward_name },
    empty = true, codes = { "missing", "unreachable", "failed" },
    example = 'vm:remove_forward "80"',
    run = function(vm, asked) return vm:remove_forward(asked.name) end },
}
