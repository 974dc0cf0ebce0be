-- What `lunik apply` writes down of its steps, read back as if anybody had written it; and the
-- order of the steps.
local journal = require "lunik.vm.apply.journal"
local order = require "lunik.vm.apply.order"
local scratch = require "support.scratch"

local OUTLINE = { name = "m", dir = "/r", scalars = { cpus = 2 }, written = {}, hooks = {},
                  needs = {}, items = { { family = "mount", name = "a", kind = "virtiofs",
                    fields = { from = "/\xff" }, given = { from = "\xff" }, hot = true } } }

describe("the journal of a machine", function()
  local dir
  before_each(function() dir = scratch.new() end)
  after_each(function() scratch.remove(dir) end)

  local function machine()
    local vm = { plan = { runtime = dir }, told = {} }
    function vm:tell(kind, text) self.told[#self.told + 1] = kind .. ": " .. text end
    return vm
  end

  it("is read back as it was written, whatever the bytes", function()
    local step = { kind = "plug", text = "+ mount a", state = "doing", item = OUTLINE.items[1] }
    local cpus = { kind = "cpus", text = "c", state = "waiting", amount = 1, after = 2 }
    local files = { { path = "/r/vm.lua", text = "\0\xff" } }
    assert(journal.write(machine(), { outline = OUTLINE, over = false, waits = {}, files = files,
                                      steps = { step, cpus } }))
    local vm = machine()
    local found = journal.of(vm)
    assert.same({}, vm.told)
    assert.same(OUTLINE, found.outline)
    assert.same(files, { table.unpack(found.files) })
    assert.same({ step, cpus }, { table.unpack(found.steps) })
  end)

  it("is none where nothing was applied", function()
    assert.is_nil(journal.of(machine()))
  end)

  it("is none where it is damaged, and that is told", function()
    for text, why in pairs {
      ["{"] = "apply%.json: ", ["[]"] = "apply%.json: outline%.dir is not what it should be",
      ['{"outline": {"items": [{}]}, "steps": [1]}'] = "apply%.json: [%l.%[%]1]+ is not what it",
      ['{"steps": [{"kind": "plug", "text": "x", "state": "eaten"}]}'] = "apply%.json: steps%[1%]",
      ['{"steps": [{"kind": "plug", "text": "x", "state": "doing", "item": 7}]}']
        = "apply%.json: steps%[1%]%.item is not what it should be",
    } do
      scratch.write(dir .. "/apply.json", text)
      local vm = machine()
      assert.is_nil(journal.of(vm))
      assert.equal(1, #vm.told)
      assert.matches("^problem: .*" .. why, vm.told[1])
    end
  end)
end)

describe("the steps of changes", function()
  local function hot(...) return { sign = "+", what = "x", details = {}, step = { ... } } end

  local function kinds(changes)
    local list = {}
    for i, step in ipairs(order.steps(changes, { runs = "/a", wanted = "/b" })) do
      list[i] = ("%s %s%s"):format(step.kind, step.item and step.item.name or step.forward.name,
                                   order.is_last(step) and " last" or "")
    end
    return list
  end

  it("add first, then replace, then take away", function()
    local function item(name) return { family = "mount", name = name, fields = {}, given = {} } end
    local forward = { name = "ssh" }
    assert.same({ "plug new", "forward web", "unplug old1", "unplug old2", "unforward ssh",
                  "plug next1", "plug next2", "forward ssh", "unplug gone last",
                  "unforward dns last" }, kinds {
      hot("unplug", item "gone"), hot("replace", item "next1", item "old1"),
      hot("replace", item "next2", item "old2"), hot("unforward", { name = "dns" }),
      hot("unforward", forward), hot("forward", forward), hot("forward", { name = "web" }),
      hot("plug", item "new") })
  end)

  it("remember where the paths of an item begin", function()
    local before, after = { family = "disk", fields = {} }, { family = "disk", fields = {} }
    local list = order.steps({ hot("replace", after, before) }, { runs = "/a", wanted = "/b" })
    assert.same({ "/a", "/b" }, { list[1].item.dir, list[2].item.dir })
  end)
end)
