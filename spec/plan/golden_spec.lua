-- Exact text: every recipe of spec/golden has the argv beside it, one argument per line, and where
-- there is more to tell, the rest of its plan (support.plan_text); every recipe of spec/bad the
-- problems that it reports. All see a host made of tables.
local device = require "lunik.device"
local fakehost = require "support.fakehost"
local lunik = require "lunik"
local plan_text = require "support.plan_text"

local folder = "/home/dev/vm"

-- The files of a folder that end so, without the end.
local function names(of, ends)
  local list = {}
  for name in require "posix.dirent".files(of) do
    local stem = name:match("^(.*)%." .. (ends or "lua") .. "$")
    if stem then list[#list + 1] = stem end
  end
  table.sort(list)
  return list
end

local function text_of(path)
  local file = assert(io.open(path, "rb"))
  local text = file:read "a"
  file:close()
  return text
end

-- A recipe may say what its host is like in a first line `-- host: { uid = 0 }`.
local function host_for(path, of)
  local facts = text_of(path):match "^%-%- host: ([^\n]*)"
  local over = facts and assert(load("return " .. facts))() or {}
  return fakehost.new(over, { [folder] = of })
end

local function plan_of(of, stem, options)
  local path = of .. "/" .. stem .. ".lua"
  options = options or {}
  options.host, options.dir = host_for(path, of), folder
  return lunik.plan(path, options)
end

local function golden(stem)
  local plan, machine = plan_of("spec/golden", stem, { anyway = true })
  assert(plan, plan or lunik.text(machine))
  return plan, machine
end

-- A machine that answers what a device asks when it comes.
local function running(plan)
  local answers = { ["query-hotpluggable-cpus"] = {
    { type = "host-x86_64-cpu", props = { ["core-id"] = 0, ["socket-id"] = 1, ["thread-id"] = 0 } },
    { type = "host-x86_64-cpu", props = { ["core-id"] = 0, ["socket-id"] = 0, ["thread-id"] = 0 },
      ["qom-path"] = "/machine/unattached/device[0]" } } }
  return { name = plan.name, plan = plan, hotplug = { count = 0, policies = {} },
           monitor = { exec = function(_, command) return answers[command] end } }
end

-- A recipe may say what comes while it runs in a line `-- plug: { "cpu", id = "more" }`: the
-- sketches, and the items.
local function plugged(stem, plan)
  local sketches, items, vm = {}, {}, running(plan)
  for text in text_of("spec/golden/" .. stem .. ".lua"):gmatch "%f[^\n\0]%-%- plug: ([^\n]*)" do
    local fields = assert(load("return " .. text))()
    local item = assert(require "lunik.hotplug.request".read(vm, table.remove(fields, 1), fields,
      {}))
    local sketch = require "lunik.hotplug.sketch".new(vm, plan.ports)
    item.row.plug(sketch, item)
    assert(not sketch.why, sketch.why)
    sketches[#sketches + 1], items[#items + 1] = sketch, item
  end
  return sketches, items
end

-- What holds the machine is in one plan of them all.
local function is_full(stem) return stem == "minimal" end

describe("golden", function()
  for _, stem in ipairs(names "spec/golden") do
    it(stem .. " has exactly this argv", function()
      assert.equal(text_of("spec/golden/" .. stem .. ".argv"),
        table.concat(assert(golden(stem):command "paste"), "\n") .. "\n")
    end)
  end

  for _, stem in ipairs(names("spec/golden", "plan")) do
    it(stem .. " has exactly this plan beyond its argv", function()
      local plan = golden(stem)
      assert.equal(text_of("spec/golden/" .. stem .. ".plan"),
        plan_text(plan, plugged(stem, plan), is_full(stem)))
    end)
  end

  it("is there for every kind of device", function()
    local known, missing = {}, {}
    for _, stem in ipairs(names("spec/golden", "plan")) do
      local plan, machine = golden(stem)
      local _, items = plugged(stem, plan)
      for _, list in ipairs { machine.items, items } do
        for _, item in ipairs(list) do
          if item.kind then known[item.family .. " of kind " .. item.kind] = true end
        end
      end
    end
    for _, family in ipairs(device.families) do
      for _, kind in ipairs(device.family(family).kinds) do
        local what = ("%s of kind %s"):format(family, kind)
        if not known[what] then
          missing[#missing + 1] = what
            .. " has no golden: write spec/golden/….lua, .argv and .plan"
        end
      end
    end
    assert(#missing == 0, table.concat(missing, "\n"))
  end)

  it("is deterministic", function()
    local first = plan_of("spec/golden", "workspace"):command("live", true)
    for _ = 1, 20 do
      assert.same(first, plan_of("spec/golden", "workspace"):command("live", true))
    end
  end)
end)

describe("a plan", function()
  it("leaves nothing behind for the next", function()
    local first = plan_of("spec/golden", "ssh-adds-its-forward"):command "paste"
    assert.same(first, plan_of("spec/golden", "ssh-adds-its-forward"):command "paste")
  end)
end)

describe("bad recipe", function()
  for _, stem in ipairs(names "spec/bad") do
    it(stem .. " reports exactly this", function()
      local plan, problems = plan_of("spec/bad", stem)
      assert.is_nil(plan)
      local text = lunik.text(problems):gsub("spec/bad/", "")
      assert.equal(text_of("spec/bad/" .. stem .. ".txt"), text .. "\n")
    end)
  end
end)
