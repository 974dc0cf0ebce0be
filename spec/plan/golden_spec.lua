-- Exact text: every recipe of spec/golden has the argv beside it, one argument per line;
-- every recipe of spec/bad the problems that it reports. Both see a host made of tables.
local fakehost = require "support.fakehost"
local lunik = require "lunik"

local folder = "/home/dev/vm"

local function names(of)
  local list = {}
  for name in require "posix.dirent".files(of) do
    local stem = name:match "^(.*)%.lua$"
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

describe("golden", function()
  for _, stem in ipairs(names "spec/golden") do
    it(stem .. " has exactly this argv", function()
      local plan, problems = plan_of("spec/golden", stem, { anyway = true })
      assert(plan, plan or lunik.text(problems))
      assert.equal(text_of("spec/golden/" .. stem .. ".argv"),
        table.concat(assert(plan:command "paste"), "\n") .. "\n")
    end)
  end

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
