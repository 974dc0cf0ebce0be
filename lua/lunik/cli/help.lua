-- SPDX-License-Identifier: MIT
-- `lunik help`: printed from the rows that run.
local device = require "lunik.device"
local example = require "lunik.reference.example"
local extensions = require "lunik.extensions"
local exit = require "lunik.exit"
local points = require "lunik.hook.points"
local scalar = require "lunik.machine.scalar"
local sorted = require "lunik.text.sorted"
local suggest = require "lunik.text.suggest"

-- QEMU's options are loaded only when asked for.
local function options() return require "lunik.qemu" end
local function shown() return require "lunik.reference.qemu" end
local function problems() return require "lunik.reference.problems" end
local function vm() return require "lunik.reference.vm" end
local function api() return require "lunik.reference.api" end
local function control() return require "lunik.reference.control" end
local function messages() return require "lunik.reference.messages" end
local function program() return require "lunik.reference.program" end
local function method(name) return require "lunik.vm.methods".find(name) end
local function properties() return require "lunik.vm.methods".properties end

local help = { name = "help", summary = "explain a verb, a family of devices, or a hook point" }
help.example = "lunik help disk"

function help.args(command)
  command:argument("topic", "what to explain"):args "?"
end

local function field_line(row)
  local default = ""
  if row.default ~= nil and type(row.default) ~= "function" and type(row.default) ~= "table" then
    default = (" [%s]"):format(tostring(row.default))
  end
  return ("    %-12s %s%s\n"):format(row[1], row.doc or "", row.required and " (required)"
    or default)
end

local function fields(rows, out)
  for _, row in ipairs(rows) do
    out:write(field_line(row))
    out:write(("    %-12s   %s\n"):format("", row.kind.expects or ""))
  end
end

-- What may be written, and what it means, in two columns.
local function forms(list, out)
  local widest = 0
  for _, form in ipairs(list) do widest = math.max(widest, utf8.len(form.write)) end
  for _, form in ipairs(list) do
    out:write("      ", form.write, (" "):rep(widest - utf8.len(form.write) + 2), form.doc, "\n")
  end
end

-- One field, with what shows it.
local function field(heading, row, text, out)
  out:write(heading, " = …\n")
  fields({ row }, out)
  for _, list in ipairs { "forms", "sees", "answers" } do forms(row.kind[list] or {}, out) end
  if text then out:write("  for example: ", text, "\n") end
end

local function machine(out)
  out:write "machine { … }: its own fields; items such as disk { … } stand among them\n"
  fields(scalar, out)
end

local function family(name, out)
  local about = device.family(name)
  out:write(("%s { … }: %s\n"):format(name, about.doc))
  if about.example then out:write(("  for example: %s\n"):format(about.example)) end
  for _, kind in ipairs(device.kinds(name)) do
    local row = device.row(name, kind)
    out:write(("  kind = \"%s\": %s\n"):format(kind, row.doc))
    fields(row.known, out)
  end
  out:write(("`lunik help %s.FIELD` has an example of each field\n"):format(name))
end

-- A field of a family's, of each kind that has another one of that name.
local function of_family(topic)
  local found = example.find(topic)
  return found[1] and function(out)
    for _, each in ipairs(found) do field(topic, each.row, each.shown, out) end
  end
end

local function hook_point(row, out)
  out:write(("on(\"%s\", function(%s) … end): %s\n"):format(row.name, table.concat(row.gets, ", "),
    row.doc))
  local order = { written = "as written", reverse = "last written first",
    arrival = "as they arrive" }
  local raise = { problem = "a problem of the recipe", undo = "the start is undone",
    report = "reported; the machine stays" }
  out:write(("  phase %s; order: %s; if it raises: %s; %s\n"):format(row.phase, order[row.order],
    raise[row.raise],
    row.waits and "may wait" or "may not wait"))
  out:write("  for example: ", row.example, "\n")
end

local function routine(row, out)
  out:write(row.call, ": ", row.doc, "\n")
end

local function hooks(out)
  for _, row in ipairs(points.rows) do hook_point(row, out) end
  for _, row in ipairs(points.routines) do routine(row, out) end
end

local function installed()
  local names = {}
  for _, each in ipairs(extensions.all()) do names[#names + 1] = each.name end
  return names
end

local HOW = { families = "%s { … }", options = "qemu.%s", verbs = "lunik %s", methods = "vm:%s",
  events = "the event %s", doctor = "a check of lunik doctor: %s",
  checks = "a check of machines: %s", signs = "a sign on the console: %s" }

-- What an extension adds, a line each.
local function extension(found, out)
  out:write(("%s%s: %s\n  %s\n"):format(found.name, found.version and " " .. found.version or "",
    found.doc or "an extension", found.file))
  if found.wrong then out:write("  of no use: ", found.wrong, "\n") end
  if found.constructor then
    out:write(("  in a recipe: local %s = require \"lunik.ext.%s\"\n"):format(found.name,
      found.name))
  end
  for _, section in ipairs(extensions.sections) do
    for _, name in ipairs(sorted(found.adds[section] or {})) do
      local owner, kind = name:match "^(%S+) (.*)$"
      local row, why = extensions.row(section, name)
      local text = section == "kinds" and ("%s { kind = \"%s\" }"):format(owner, kind)
        or HOW[section]:format(name)
      local doc = why or row.doc or row.summary
      out:write("  ", text, doc and ": " .. doc or "", "\n")
    end
  end
end

-- All that can be explained.
function help.topics(cli)
  local list = { "machine", "hooks", "qemu", "vm", "lunik", "exit-codes" }
  for _, row in ipairs(scalar) do list[#list + 1] = row[1] end
  for _, rows in ipairs { properties(), require "lunik.vm.methods".all() } do
    for _, row in ipairs(rows) do list[#list + 1] = "vm." .. row.name end
  end
  for _, row in ipairs(require "lunik.recipe.words".rows) do list[#list + 1] = row.name end
  for _, name in ipairs(options().names()) do list[#list + 1] = "qemu." .. name end
  for _, from in ipairs { device.all(), cli.all(), problems().names(), installed(),
                          api().names(), control().names(), example.topics() } do
    for _, name in ipairs(from) do list[#list + 1] = name end
  end
  for _, from in ipairs { points.rows, points.routines } do
    for _, row in ipairs(from) do list[#list + 1] = row.name end
  end
  return list
end

local function overview(out, cli)
  out:write "lunik launches QEMU machines from Lua recipes.\n\n"
  out:write "verbs (lunik VERB --help has the options):\n"
  for _, name in ipairs(cli.all()) do
    out:write(("  %-10s %s\n"):format(name, cli.verb(name).summary))
  end
  out:write "\nin a recipe (lunik help WORD):\n"
  out:write(("  %-10s %s\n"):format("machine", "the machine and its own fields"))
  for _, name in ipairs(device.all()) do
    out:write(("  %-10s %s\n"):format(name, device.family(name).doc))
  end
  out:write(("  %-10s %s\n"):format("hooks", "on(\"…\", fn): the user's code on events"))
  out:write(("  %-10s %s\n"):format("vm", "a running machine, as hooks and programs have it"))
  out:write(("  %-10s %s\n"):format("qemu",
    "every option of QEMU, typed: qemu.device { … }; lunik help qemu.device"))
  out:write "\nfor programs and scripts:\n"
  out:write(("  %-10s %s\n"):format("lunik", "require \"lunik\", from a Lua program"))
  out:write(("  %-10s %s\n"):format("exit-codes", "what verbs exit with"))
end

local function is_in(list, name)
  for _, one in ipairs(list) do
    if one == name then return true end
  end
end

-- A point of hooks, or an event.
local function about_hooks(topic)
  local row = points.is_event(topic) and require "lunik.hook.events".find(topic)
  if row then return function(out) out:write(require "lunik.reference.events".text(row)) end end
  row = points.find(topic)
  return row and function(out) hook_point(row, out) end
end

-- Who explains a topic: each gives what writes to the stream, or nothing; the first one does it.
local explainers = {
  function(topic) return ({ machine = machine, hooks = hooks })[topic] end,
  function(topic)
    if topic == "vm" then return function(out) out:write(vm().overview()) end end
    local name = topic:match "^vm%.(.+)$"
    for _, row in ipairs(properties()) do
      if row.name == name then return function(out) out:write(vm().property(row)) end end
    end
    local row = method(name)
    return row and function(out) out:write(vm().text(row)) end
  end,
  function(topic)
    if topic == "qemu" then return function(out) out:write(shown().overview()) end end
    local name = topic:match "^qemu%.(.+)$"
    local row = name and options().rows[name]
    return row and function(out) out:write(shown().text(row)) end
  end,
  function(topic, cli)
    return device.family(topic) and function(out)
      family(topic, out)
      if cli.verb(topic) then
        out:write(("`lunik %s --help` explains the verb of that name\n"):format(topic))
      end
    end
  end,
  of_family,
  about_hooks,
  function(topic)
    local name = topic:match "^machine%.(.+)$" or topic
    for _, row in ipairs(scalar) do
      if row[1] == name and not device.family(name) then
        return function(out) field("machine." .. name, row, example.machine(row), out) end
      end
    end
  end,
  function(topic, cli)
    local found = not is_in(cli.verbs, topic) and extensions.find(topic:gsub("^lunik%.ext%.", ""))
    return found and function(out)
      extension(found, out)
      if cli.verb(found.name) then
        out:write(("`lunik %s --help` explains the verb of that name\n"):format(found.name))
      end
    end
  end,
  function(topic, cli)
    return is_in(cli.all(), topic) and function(out) cli.main({ topic, "--help" }, out) end
  end,
  function(topic)
    local code = problems().find(topic)
    return code and function(out) out:write(problems().text(code)) end
  end,
  function(topic)
    local text = topic == "lunik" and api().overview() or api().text(topic)
      or topic == "exit-codes" and program().exit_codes() or program().text(topic)
      or control().text(topic) or messages().text(topic)
    return text and function(out) out:write(text) end
  end,
  function(topic)
    local row = require "lunik.recipe.words".find(topic)
    return row and function(out) out:write(require "lunik.reference.words".text(row)) end
  end,
}

-- Why what an extension calls like a topic cannot be had | nil
local function unusable(topic)
  local of_vm, option = topic:match "^vm%.(.+)$", topic:match "^qemu%.(.+)$"
  if of_vm then return (select(2, extensions.row("methods", of_vm))) end
  if option then return (select(2, extensions.row("options", option))) end
  local _, why = device.family(topic)
  for _, section in ipairs(extensions.sections) do
    why = why or select(2, extensions.row(section, topic))
  end
  return why
end

function help.run(args, out, _, cli)
  local topic = args.topic
  if not topic then
    overview(out, cli)
    return exit.ok
  end
  for _, explain in ipairs(explainers) do
    local show = explain(topic, cli)
    if show then
      show(out)
      return exit.ok
    end
  end
  local why = unusable(topic)
  if why then return nil, why end
  local hint = suggest.hint(topic, help.topics(cli))
  return nil, ("nothing about '%s'%s"):format(topic, hint), exit.usage
end

return help
