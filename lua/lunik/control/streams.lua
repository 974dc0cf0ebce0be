-- SPDX-License-Identifier: MIT
-- Commands of the control socket about programs with streams (lunik.vm.streams), and about what is
-- lent to the guest (lunik.vm.copy.lend), as rows of lunik.control.commands: they are half of
-- vm:exec and vm:copy_in, whose other half is in the client's process.
-- The example of each is what it may be asked.
local program = require "lunik.vm.methods.program"

-- Most machines are not asked for any.
local function lend() return require "lunik.vm.copy.lend" end

local streams = {}

streams.rows = {
  { name = "exec_open", wire = "lunik-exec-open",
    example = { argv = { "sort", "-u" }, input = true },
    doc = "start a program in the guest with streams of its own: connect to the sockets at once. "
      .. "Input: write a newline, wait for a byte, write all, shut down. Each output: after the id "
      .. "and a newline, where they are, up to the id, a space, the status and a newline. One "
      .. "whose client hangs up is ended",
    takes = { { "argv", type = "list", doc = "program and arguments" },
      { "input", type = "boolean", optional = true, doc = "whether it has any" },
      { "seconds", type = "number", optional = true,
        doc = "how long it may take; then it is ended" },
      { "rows", type = "integer", optional = true,
        doc = "it gets a terminal of so many rows, whose socket is both ways: write a newline, "
          .. "read up to the id and a newline first" },
      { "columns", type = "integer", optional = true, doc = "and so many columns" },
      { "term", type = "string", optional = true, doc = "the kind of that terminal, $TERM" } },
    returns = "id, out, err, input; or id, terminal (paths of sockets)",
    codes = { "unsupported", "unreachable", "timeout", "closed", "failed" },
    run = function(vm, asked, client)
      local silent = vm:why_silent()
      if silent then return nil, silent, "unreachable" end
      return vm.streams:open(asked.argv, { input = asked.input, seconds = asked.seconds,
        rows = asked.rows, columns = asked.columns or 80, term = asked.term, owner = client })
    end },

  { name = "exec_resize", wire = "lunik-exec-resize",
    example = { id = "7", rows = 24, columns = 80 },
    doc = "the window of a program's terminal has another size",
    takes = { { "id", type = "string", doc = "of lunik-exec-open" },
      { "rows", type = "integer", doc = "its rows" },
      { "columns", type = "integer", doc = "its columns" } },
    returns = "an empty object", empty = true, codes = { "missing", "unreachable", "failed" },
    run = function(vm, asked) return vm.streams:resize(asked.id, asked.rows, asked.columns) end },

  { name = "exec_signal", wire = "lunik-exec-signal",
    example = { id = "7", signal = "TERM" },
    doc = "send a signal to all that a program has started",
    takes = { { "id", type = "string", doc = "of lunik-exec-open" },
      { "signal", type = "string", one_of = program.SIGNALS, doc = "its name, such as TERM" } },
    returns = "an empty object", empty = true,
    codes = { "missing", "ended", "unreachable", "timeout", "failed" },
    run = function(vm, asked) return vm.streams:signal(asked.id, asked.signal) end },

  { name = "exec_road", wire = "lunik-exec-road",
    example = { seconds = 5 },
    doc = "by what a program would be run in the guest now",
    takes = { { "seconds", type = "number", optional = true,
                doc = "how long the guest may take" } },
    returns = "by (agent or ssh), note (why not by the agent)",
    codes = { "unreachable", "busy", "timeout", "closed", "failed" },
    run = function(vm, asked)
      return require "lunik.vm.guest.program".road(vm.guest, asked.seconds)
    end },

  { name = "exec_close", wire = "lunik-exec-close",
    example = { id = "7" },
    doc = "both outputs have ended, or their connections have: whether it was ended for its time, "
      .. "or why there is no status",
    takes = { { "id", type = "string", doc = "of lunik-exec-open" },
      { "unseen", type = "boolean", optional = true,
        doc = "nobody wants its end: it is ended" } },
    returns = "late", codes = { "missing", "unsupported", "closed", "timeout" },
    run = function(vm, asked)
      if not asked.unseen then return vm.streams:close(asked.id) end
      vm.streams:leave(asked.id)
      return { late = false }
    end },

  { name = "copy_lend", wire = "lunik-copy-lend",
    example = {},
    doc = "show the guest the file whose descriptor comes with the command, for a copy: by a mount "
      .. "of its own, read-only and with nothing beside it. It goes with the client",
    takes = {},
    returns = "id, at (where the guest has it)",
    codes = { "invalid", "unsupported", "unreachable", "refused", "taken", "busy", "timeout",
              "closed", "ended", "failed" },
    run = function(vm, _, client)
      local fd = client and client:take()
      if not fd then return nil, "no descriptor came with the command", "invalid" end
      local one, why, code = lend().open(vm, fd, client)
      return one and { id = one.id, at = one.at } or nil, why, code
    end },

  { name = "copy_return", wire = "lunik-copy-return",
    example = { id = "fs-lunik-cp-1" },
    doc = "take such a file away again",
    takes = { { "id", type = "string", doc = "of lunik-copy-lend" },
      { "unseen", type = "boolean", optional = true, doc = "nobody waits until it has gone" } },
    returns = "an empty object", empty = true, codes = { "missing" },
    run = function(vm, asked)
      return lend()[asked.unseen and "leave" or "close"](vm, asked.id)
    end },
}

local by_name = {}
for _, row in ipairs(streams.rows) do
  row.bytes_taken = {}
  for _, argument in ipairs(row.takes) do argument.name = argument[1] end
  by_name[row.name] = row
end

function streams.find(name) return by_name[name] end

return streams
