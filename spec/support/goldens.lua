-- SPDX-License-Identifier: MIT
-- The recipes of spec/golden, planned for a host made of tables, and what they have to be.
local fakehost = require "support.fakehost"
local lunik = require "lunik"
local plan_text = require "support.plan_text"
local scratch = require "support.scratch"

local goldens = {}

local folder = "/home/dev/vm"

-- The files of a folder that end so, without the end.
function goldens.names(of, ends)
  local list = {}
  for name in require "posix.dirent".files(of) do
    local stem = name:match("^(.*)%." .. (ends or "lua") .. "$")
    if stem then list[#list + 1] = stem end
  end
  table.sort(list)
  return list
end

-- A recipe may say what its host is like in first lines `-- host: { uid = 0 }`.
-- The host of the recipe at `path` in the folder `of`.
function goldens.host(path, of)
  local facts, text = {}, scratch.read(path)
  for line in text:gmatch "%f[^\n\0]%-%- host: ([^\n]*)" do facts[#facts + 1] = line end
  local over = facts[1] and assert(load("return " .. table.concat(facts, "\n")))() or {}
  return fakehost.new(over, { [folder] = of })
end

-- A recipe may say in a line `-- fork: { forward = "auto" }` that it is planned as that of a clone.
-- What was saved of its machine | nil
local function forked(path)
  local text = scratch.read(path):match "%f[^\n\0]%-%- fork: ([^\n]*)"
  if not text then return nil end
  local fork = assert(load("return " .. text))()
  fork.unsafe = fork.unsafe == nil or fork.unsafe
  return { dir = "/var/tmp/vm.saved", generation = "7", name = "vm", devices = {}, mounts = {},
    memory = { mem = "memory" }, places = {}, paused = false, again = true,
    copies = { scratch = "/var/tmp/vm.saved/disks/scratch" },
    hardware = { type = "pc-q35-7.2", devices = {}, cpu = { asked = "host", model = "host" } },
    fork = fork }
end

-- lunik.plan of a recipe, with the host of the goldens
function goldens.plan_of(of, stem, options)
  local path = of .. "/" .. stem .. ".lua"
  options = options or {}
  options.saved = options.saved or forked(path)
  options.host, options.dir = goldens.host(path, of), folder
  return lunik.plan(path, options)
end

-- A golden's plan and machine.
function goldens.planned(stem)
  local plan, machine = goldens.plan_of("spec/golden", stem, { anyway = true })
  assert(plan, plan or lunik.text(machine))
  return plan, machine
end

-- A machine that answers what a device asks when it comes.
local function running(plan)
  local answers = { ["query-hotpluggable-cpus"] = {
    { type = "host-x86_64-cpu", props = { ["core-id"] = 0, ["socket-id"] = 1, ["thread-id"] = 0 } },
    { type = "host-x86_64-cpu", props = { ["core-id"] = 0, ["socket-id"] = 0, ["thread-id"] = 0 },
      ["qom-path"] = "/machine/unattached/device[0]" } } }
  return { plan = plan, ports = plan.ports, count = 0, policies = {},
           monitor = { exec = function(_, command) return answers[command] end } }
end

-- A recipe may say what comes while it runs in a line `-- plug: { "cpu", id = "more" }`; such a
-- device must not depend on the host. The drawings, and the items.
function goldens.plugged(stem, plan)
  local drawings, items, context = {}, {}, running(plan)
  local recipe = scratch.read("spec/golden/" .. stem .. ".lua")
  for text in recipe:gmatch "%f[^\n\0]%-%- plug: ([^\n]*)" do
    local fields = assert(load("return " .. text))()
    local item = assert(require "lunik.hotplug.request".read(context, table.remove(fields, 1),
                                                             fields, {}))
    local drawing = require "lunik.hotplug.draw".new(context)
    item.row.plug(drawing, item)
    assert(not drawing.why, drawing.why)
    drawings[#drawings + 1], items[#items + 1] = drawing, item
  end
  return drawings, items
end

-- What each file beside a golden has to say. What holds the machine is in one plan of them all.
goldens.texts = {
  argv = function(stem)
    return table.concat(assert(goldens.planned(stem):command "paste"), "\n") .. "\n"
  end,
  plan = function(stem)
    local plan = goldens.planned(stem)
    return plan_text(plan, goldens.plugged(stem, plan), stem == "minimal")
  end,
}

return goldens
