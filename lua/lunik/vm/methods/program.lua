-- SPDX-License-Identifier: MIT
-- Methods of a program that vm:spawn has started, as rows of lunik.vm.methods: carried out by
-- lunik.vm.streams.spawn.
local program = {}

program.SIGNALS = { "TERM", "KILL", "INT", "HUP", "QUIT", "USR1", "USR2", "STOP", "CONT", "TSTP",
                    "ALRM", "WINCH", "PIPE", "ABRT" }

local output = { "output", type = "string", optional = true, one_of = { "stdout", "stderr" },
                 doc = "which one: stdout (default) or stderr" }

program.rows = {
  { name = "write", waits = true,
    doc = "give it input; waits while what was written before is not taken",
    takes = { { "bytes", type = "bytes", doc = "what it is to read" } },
    gives = "true", codes = { "ended", "closed" }, example = 'program:write "select 1;\\n"' },

  { name = "close_input", doc = "end its input behind what was written", takes = {},
    gives = "true", example = "program:close_input()" },

  { name = "read", waits = true, doc = "what it has printed since, as soon as there is something",
    takes = { output }, gives = "bytes; nil once it has ended and nothing is left",
    codes = { "unsupported", "closed", "ended", "failed" },
    example = "local bytes = program:read()" },

  { name = "lines", waits = true,
    doc = "goes through the lines that it prints, without their ends",
    takes = { output }, gives = "an iterator; a line over 1 MiB comes in parts",
    example = "for line in program:lines() do print(line) end" },

  { name = "signal", waits = true, doc = "send a signal to it and to all that it has started",
    takes = { { "name", type = "string", one_of = program.SIGNALS,
      doc = table.concat(program.SIGNALS, ", ") } },
    gives = "true", codes = { "ended", "unsupported", "unreachable", "timeout", "failed" },
    example = 'program:signal "HUP"' },

  { name = "wait", waits = true, doc = "end its input, and wait for its end",
    takes = { { "seconds", type = "number", optional = true,
                doc = "how long; the program runs on" } },
    gives = "the same as vm:exec, with what of its outputs nobody has read",
    codes = { "timeout", "unsupported", "ended", "closed", "failed" },
    example = "local status, stdout, stderr = program:wait()" },

  { name = "close", waits = true,
    doc = "end it, unless it has ended. A `<close>` variable does that where its block ends, and "
      .. "the garbage collector to one that nobody has any more", takes = {}, gives = "true",
    example = "program:close()" },
}

for _, row in ipairs(program.rows) do row.of = "program" end

return program
