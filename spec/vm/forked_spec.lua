-- The mounts of a clone: their devices come while its guest is made another machine, which uses
-- them afterwards, and not before.
local forked = require "lunik.vm.forked"
local loop = require "lunik.async.loop"

describe("the mounts of a clone", function()
  -- Calls work(vm, l, log) with a machine that notes what is done with its mounts; `wrong` is why
  -- the last cannot come.
  local function with(about, work)
    local l <close> = loop.new()
    l:run(function()
      local log = {}
      local vm = { loop = l, paused = about.paused, hotplug = {},
        context = { timeline = { inside = function() end } },
        plan = { saved = { mounts = { { id = "fs-work", served = true, fields = { tag = "work" } },
                                      { id = "fs-9p", fields = { tag = "9p" } } },
                           fork = { mounts = { { tag = "out" }, { tag = "more" } } } } } }
      function vm.hotplug.has_policies() return about.policies or false end
      function vm.hotplug.device() end
      function vm.hotplug.plug(_, family, fields, options)
        log[#log + 1] = ("%s %s"):format(family, fields.tag)
        if fields.tag == about.wrong then return nil, "no room" end
        assert(options.first())
        log[#log + 1] = fields.tag .. " is used"
        return { tag = fields.tag, steps = {} }
      end
      work(vm, l, log)
    end)
  end

  local function come(l)
    for _ = 1, 20 do l:pass() end
  end

  local PLUGGED = { "mount work", "mount out", "mount more" }
  local USED = { "mount work", "mount out", "mount more", "work is used", "out is used",
                 "more is used" }

  it("come at once, in their order, and are used once it is another machine", function()
    with({}, function(vm, l, log)
      forked.begin(vm)
      come(l)
      assert.same(PLUGGED, log)
      local device = forked.coming(vm)
      assert.equal("work", device { id = "fs-work" }.tag)
      assert.is_true(forked.mount(vm))
      assert.same(USED, log)
    end)
  end)

  it("do not come before that where the recipe's code is asked, or it is paused", function()
    for _, about in ipairs { { policies = true }, { paused = true } } do
      with(about, function(vm, l, log)
        forked.begin(vm)
        come(l)
        assert.same({}, log)
        forked.coming(vm)
        assert.is_true(forked.mount(vm))
        assert.equal("mount work", log[1])
        assert.equal(6, #log)
      end)
    end
  end)

  it("are all there, or why not is said", function()
    with({ wrong = "more" }, function(vm)
      forked.begin(vm)
      forked.coming(vm)
      assert.same({ nil, "no room" }, { forked.mount(vm) })
    end)
  end)
end)
