-- SPDX-License-Identifier: MIT
-- docs/control.md: the control socket, and its commands printed from their rows.
local commands = require "lunik.control.commands"
local events = require "lunik.reference.events"
local markdown = require "lunik.reference.markdown"
local wire = require "lunik.reference.wire"

local control = {}

local HEAD = [[
# The control socket

A machine that `lunik up` has started is owned by its supervisor, which listens on
`$XDG_RUNTIME_DIR/lunik/NAME/control.sock`. The socket speaks QMP
(https://www.qemu.org/docs/master/interop/qmp-spec.html): any QMP client can connect, up to 64 at
once. One more gets an error of class `busy` in the place of the greeting, and the end.

- A client is greeted with the version of the machine's QEMU and negotiates by `qmp_capabilities`.
  Out-of-band commands are not offered here; `qmp.sock` beside it is a monitor of QEMU's own, for
  one client.
- Commands that begin with `lunik-` are the supervisor's; everything else is QEMU's, passed on and
  answered as it answers. `query-commands` lists both.
- The commands of a client are carried out in their order and answered in it. At most 6 are on
  their way to QEMU at once. One of the supervisor's own waits for those before it, and those
  behind it wait for it: who wants to do something beside a `lunik-wait` opens a second connection.
- A refusal of a command of the supervisor's own has a code word in the place of QEMU's `class`
  (`timeout`, `missing`, …: [vm.md](vm.md#codes)); wrong arguments are `invalid`.
- A text that is not UTF-8 travels in base64, under its name and `-b64` (`from-b64` in the place of
  `from`), in arguments and in answers, and so does a list with such a text in it; an answer
  that is such a list is `{ "-b64": [ … ] }`.
- Events reach everybody who has negotiated. A client that does not read loses those beyond 1 MiB,
  and is told how many. One whose answers pile up to 4 MiB is not heard until it has read some.
- What all clients together have not read is kept up to 16 MiB, what they have sent and is not
  answered up to 32 MiB: beyond that whoever has most of it is cut off. An answer of over 4 MiB does
  not count: such answers go out one at a time, each while its client takes some of it every 5
  seconds.
- A command has up to 16 MiB and 65,536 values (keys count); one of more values is refused.
- What is no JSON object ends the connection, after an answer that says so.
- Commands of a client that has hung up and that QEMU has not been sent yet are dropped, as QEMU
  does; those it was sent are carried out.

## Events of the supervisor's own
]]

local function arguments(row, out)
  local list, cells = commands.arguments(row), {}
  if #list == 0 then return end
  for i, argument in ipairs(list) do
    cells[i] = { "`" .. argument.name .. "`", argument.type, argument.optional and "optional" or "",
      argument.doc }
  end
  markdown.table({ "argument", "type", "", "what" }, cells, out)
end

-- docs/control.md
function control.markdown()
  local out = { HEAD }
  events.table(true, out)
  out[#out + 1] = "## Commands of the supervisor's own\n"
  for _, row in ipairs(commands.rows) do
    out[#out + 1] = ("### %s\n\n%s Returns %s.\n"):format(row.wire, markdown.sentence(row.doc),
      row.returns)
    arguments(row, out)
    if row.codes then
      out[#out + 1] = ("Codes: `%s`.\n"):format(table.concat(row.codes, "`, `"))
    end
    out[#out + 1] = ("```json\n%s\n```\n"):format(wire.example(row))
  end
  return table.concat(out, "\n")
end

-- What `lunik help lunik-NAME` shows of a command | nil
function control.text(topic)
  for _, row in ipairs(commands.rows) do
    if row.wire == topic then
      local out = { ("%s, on the control socket: %s\n"):format(topic, row.doc) }
      for _, argument in ipairs(commands.arguments(row)) do
        out[#out + 1] = ("    %-12s %s (%s)\n"):format(argument.name, argument.doc,
          argument.optional and argument.type or argument.type .. ", required")
      end
      out[#out + 1] = ("  returns %s\n"):format(row.returns)
      out[#out + 1] = ("  for example: %s\n"):format(wire.example(row))
      return table.concat(out)
    end
  end
end

function control.names()
  local list = {}
  for i, row in ipairs(commands.rows) do list[i] = row.wire end
  return list
end

return control
