-- SPDX-License-Identifier: MIT
-- The manual pages, from the rows that run: lunik(1), one for each verb, and lunik-recipe(5).
-- A page is { name, section, summary }; each function gives its text for the date of a release.
local device = require "lunik.device"
local events = require "lunik.hook.events"
local heard = require "lunik.reference.events"
local example = require "lunik.reference.example"
local exit = require "lunik.exit"
local points = require "lunik.hook.points"
local qemu = require "lunik.qemu"
local roff = require "lunik.reference.roff"
local scalar = require "lunik.machine.scalar"
local words = require "lunik.recipe.words"

local manual = {}

manual.program = { name = "lunik", section = 1, summary = "launch QEMU machines from Lua recipes" }
manual.recipe = { name = "lunik-recipe", section = 5, summary = "recipes of machines, for lunik" }

local function see_also(names, out)
  out[#out + 1] = roff.section "See also"
  local pages = {}
  for i, page in ipairs(names) do
    pages[i] = ("%s(%d)"):format(roff.bold(page.name), page.section)
  end
  out[#out + 1] = table.concat(pages, ",\n") .. "\n"
end

-- The page of a verb. `verb` is { name, summary }.
function manual.page(verb)
  return { name = "lunik-" .. verb.name, section = 1, summary = verb.summary }
end

local INTRO = [[
lunik launches QEMU machines from recipes in Lua. A recipe composes machines, mounts and hooks;
lunik checks all of it, shows what it would do, and carries it out. A machine runs in the foreground
(`lunik run`), or lives on its own with a supervisor (`lunik up`).
]]

local SHELLS = [[
`lunik completion bash`, `zsh` or `fish` prints what makes that shell complete verbs, options,
names of machines, fields and devices. An installed lunik has put it where these shells look.
]]

local FILES = {
  { "./vm.lua", "the recipe, where none is named" },
  { "$XDG_RUNTIME_DIR/lunik/", "what runs: a folder for each machine, with its control socket" },
  { "$XDG_STATE_HOME/lunik/", "what is remembered of machines, and their logs; "
    .. "~/.local/state/lunik/ where that is not set" },
  { "$XDG_CACHE_HOME/lunik/", "what was learned of installed QEMUs; ~/.cache/lunik/ where that is "
    .. "not set" },
}

local function prose(text) return roff.prose(text) .. "\n" end

-- lunik(1): `verbs` are { name, summary } in their order.
function manual.of_program(verbs, date)
  local out = { roff.head(manual.program, date), roff.section "Synopsis",
    ("%s %s ...\n"):format(roff.bold "lunik", roff.italic "VERB"), roff.section "Description",
    prose(INTRO), roff.section "Verbs" }
  local pages = { manual.recipe }
  for _, verb in ipairs(verbs) do
    out[#out + 1] = roff.entry(roff.bold(verb.name), verb.summary)
    pages[#pages + 1] = manual.page(verb)
  end
  out[#out + 1] = roff.section "Completion" .. prose(SHELLS) .. roff.section "Exit status"
  for _, row in ipairs(exit.rows) do
    out[#out + 1] = roff.entry(roff.bold(tostring(row[2])), row[3])
  end
  out[#out + 1] = roff.section "Files"
  for _, row in ipairs(FILES) do out[#out + 1] = roff.entry(roff.italic(row[1]), row[2]) end
  see_also(pages, out)
  return table.concat(out)
end

-- "-m, --machine NAME"
local function option_term(option)
  local names = {}
  for i, name in ipairs(option.names) do names[i] = roff.bold(name) end
  local value = option.value and " " .. roff.italic(option.value) or ""
  return table.concat(names, ", ") .. value
end

local function option_doc(option)
  local notes = { option.doc }
  if option.choices then
    local shown = "one of " .. table.concat(option.choices, ", ")
    if not option.doc:find(option.choices[1], 1, true) then notes[#notes + 1] = shown end
  end
  if option.default then notes[#notes + 1] = "default: " .. option.default end
  if option.count == "*" then notes[#notes + 1] = "may be given several times" end
  return table.concat(notes, "; ")
end

-- The page of a verb: { name, summary, arguments = { { place, doc } }, options = { { names, doc,
-- value, choices, default, count } }, note }
function manual.of_verb(verb, date)
  local out = { roff.head(manual.page(verb), date), roff.section "Synopsis" }
  local line = { roff.bold("lunik " .. verb.name) }
  if #verb.options > 0 then line[2] = "[" .. roff.italic "OPTION" .. " ...]" end
  for _, argument in ipairs(verb.arguments) do line[#line + 1] = roff.plain(argument.place) end
  if verb.program then line[#line + 1] = "[-- " .. roff.italic "PROGRAM" .. " ...]" end
  out[#out + 1] = table.concat(line, " ") .. "\n" .. roff.section "Description"
  out[#out + 1] = roff.paragraph(verb.summary)
  for _, argument in ipairs(verb.arguments) do
    out[#out + 1] = roff.entry(roff.italic(argument.name:upper()), argument.doc)
  end
  if verb.note then out[#out + 1] = ".PP\n" .. prose(verb.note) end
  if #verb.examples > 0 then out[#out + 1] = roff.section "Examples" end
  for i, example_of in ipairs(verb.examples) do
    out[#out + 1] = (i > 1 and ".PP\n" or "") .. roff.bold(example_of) .. "\n"
  end
  if #verb.options > 0 then out[#out + 1] = roff.section "Options" end
  for _, option in ipairs(verb.options) do
    out[#out + 1] = roff.entry(option_term(option), option_doc(option))
  end
  see_also({ manual.program, manual.recipe }, out)
  return table.concat(out)
end

local RECIPE = [[
A recipe is plain Lua that returns a machine: `return machine { ... }`. Reading one is harmless;
running it is running its author's code. `lunik check` reports every problem at once, at its line.
]]

local EXAMPLE = [[
return machine {
  name = "dev", cpus = 4, memory = "4G",
  disk  { file = "debian.qcow2", overlay = true },
  nic   { forward = { ssh = 22 } },
  mount { from = ".", to = "/work" },
  agent {},
  on("ready", function(vm) print("ssh is on port", vm:forward "ssh") end),
}
]]

local function plain_default(row)
  local value = row.default
  if value == nil or type(value) == "function" or type(value) == "table" then return nil end
  return tostring(row.kind.text and row.kind.text(value) or value)
end

local function fields(rows, out)
  for _, row in ipairs(rows) do
    local notes = { row.doc, row.kind.expects }
    if row.required then notes[#notes + 1] = "required" end
    local default = plain_default(row)
    if default then notes[#notes + 1] = "default: " .. default end
    local shown = example.field(row)
    if shown then notes[#notes + 1] = "for example: " .. shown end
    out[#out + 1] = roff.entry(roff.bold(row.name or row[1]), table.concat(notes, "; "))
    for _, form in ipairs(row.kind.forms or {}) do
      out[#out + 1] = ".RS\n" .. roff.entry(roff.bold(form.write), form.doc) .. ".RE\n"
    end
  end
end

local function family(name, out)
  local about = device.family(name)
  out[#out + 1] = roff.section(name) .. roff.paragraph(about.doc)
  if about.example then out[#out + 1] = roff.lines(about.example .. "\n") end
  for _, kind in ipairs(about.kinds) do
    local row = device.row(name, kind)
    if #about.kinds > 1 then
      out[#out + 1] = roff.part(("%s { kind = '%s' }"):format(name, kind))
        .. roff.paragraph(row.doc)
    end
    fields(row.known, out)
  end
end

local function hooks(out)
  out[#out + 1] = roff.section "Hooks"
  for _, row in ipairs(points.rows) do
    local call = ("on('%s', function(%s) ... end)"):format(row.name, table.concat(row.gets, ", "))
    out[#out + 1] = roff.entry(roff.bold(call), ("%s; for example: %s"):format(row.doc,
      row.example))
  end
  out[#out + 1] = roff.section "Events"
  for _, row in ipairs(events.rows) do
    if not row.lunik then
      out[#out + 1] = roff.entry(roff.bold(row.name), ("%s; for example: %s"):format(row.doc,
        heard.example(row)))
    end
  end
end

-- lunik-recipe(5)
function manual.of_recipe(date)
  local out = { roff.head(manual.recipe, date), roff.section "Description", prose(RECIPE),
    roff.lines(EXAMPLE), roff.section "Words" }
  for _, row in ipairs(words.rows) do
    out[#out + 1] = roff.entry(roff.bold(row.call), ("%s; for example: %s"):format(row.doc,
      row.example))
  end
  out[#out + 1] = roff.section "Machine" .. roff.paragraph "the machine's own fields"
  fields(scalar, out)
  for _, name in ipairs(device.families) do family(name, out) end
  hooks(out)
  out[#out + 1] = roff.section "QEMU" .. prose(
    "`qemu.NAME { ... }` is any option of QEMU's, typed; `lunik help qemu.NAME` has its keys.")
  for _, row in ipairs(qemu.list()) do
    out[#out + 1] = roff.entry(roff.bold("qemu." .. row.name:gsub("%-", "_")), row.doc or "")
  end
  see_also({ manual.program }, out)
  return table.concat(out)
end

return manual
