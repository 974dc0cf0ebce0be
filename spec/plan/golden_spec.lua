-- Exact text: every recipe of spec/golden has the argv beside it, one argument per line, and where
-- there is more to tell, the rest of its plan (support.plan_text); every recipe of spec/bad the
-- problems that it reports. All see a host made of tables. `scripts/golden` prints such texts.
local defer = require "lunik.async.defer"
local device = require "lunik.device"
local goldens = require "support.goldens"
local lunik = require "lunik"
local names, plan_of, read = goldens.names, goldens.plan_of, require "support.scratch".read

describe("golden", function()
  for _, stem in ipairs(names "spec/golden") do
    it(stem .. " has exactly this argv", function()
      assert.equal(read("spec/golden/" .. stem .. ".argv"), goldens.texts.argv(stem))
    end)
  end

  for _, stem in ipairs(names("spec/golden", "plan")) do
    it(stem .. " has exactly this plan beyond its argv", function()
      assert.equal(read("spec/golden/" .. stem .. ".plan"), goldens.texts.plan(stem))
    end)
  end

  it("is there for every kind of device", function()
    local known, missing = {}, {}
    for _, stem in ipairs(names("spec/golden", "plan")) do
      local plan, machine = goldens.planned(stem)
      local _, items = goldens.plugged(stem, plan)
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

  it("has no text without its recipe", function()
    for folder, ends in pairs { ["spec/golden"] = { "argv", "plan" }, ["spec/bad"] = { "txt" } } do
      local recipes = {}
      for _, stem in ipairs(names(folder)) do recipes[stem] = true end
      for _, each in ipairs(ends) do
        for _, stem in ipairs(names(folder, each)) do
          assert(recipes[stem], ("%s/%s.%s has no recipe beside it"):format(folder, stem, each))
        end
      end
    end
  end)

  it("is deterministic", function()
    local first = plan_of("spec/golden", "workspace"):command("live", true)
    for _ = 1, 20 do
      assert.same(first, plan_of("spec/golden", "workspace"):command("live", true))
    end
  end)
end)

-- What each table within a value holds, metatables too.
local function picture(value, into)
  into = into or {}
  if type(value) ~= "table" or into[value] then return into end
  local fields = { ["the metatable"] = getmetatable(value) }
  into[value] = fields
  for name, field in next, value do
    fields[name] = field
    picture(field, into)
  end
  return into
end

-- The names of fields that one of two such pictures has otherwise, each once.
local function differing(one, other)
  local found = {}
  for _, pair in ipairs { { one, other }, { other, one } } do
    for of, fields in pairs(pair[1]) do
      for name, field in pairs(fields) do
        if not rawequal((pair[2][of] or {})[name], field) then found[tostring(name)] = true end
      end
    end
  end
  return found
end

describe("a plan", function()
  it("leaves nothing behind for the next", function()
    local first = plan_of("spec/golden", "ssh-adds-its-forward"):command "paste"
    assert.same(first, plan_of("spec/golden", "ssh-adds-its-forward"):command "paste")
  end)

  it("leaves its machine as it was, of which there may be other plans", function()
    local plan = require "lunik.plan"
    local build = plan.build
    local _ <close> = defer(function() plan.build = build end)
    local before, after
    function plan.build(machine, ...)
      before = picture(machine)
      local built, problems = build(machine, ...)
      after = picture(machine)
      return built, problems
    end
    for _, stem in ipairs(names "spec/golden") do
      goldens.planned(stem)
      assert.same({}, differing(before, after), stem)
    end
  end)
end)

describe("bad recipe", function()
  for _, stem in ipairs(names "spec/bad") do
    it(stem .. " reports exactly this", function()
      local plan, problems = plan_of("spec/bad", stem)
      assert.is_nil(plan)
      local text = lunik.text(problems):gsub("spec/bad/", "")
      assert.equal(read("spec/bad/" .. stem .. ".txt"), text .. "\n")
    end)
  end
end)
