-- A recipe and its plan, taken along and read again.
local brief = require "lunik.launch.brief"
local host = require "lunik.host"
local loop = require "lunik.async.loop"
local lunik = require "lunik"
local scratch = require "support.scratch"
local snapshot = require "lunik.recipe.snapshot"
local unistd = require "posix.unistd"

describe("a snapshot", function()
  local dir
  before_each(function() dir = scratch.new() end)
  after_each(function() scratch.remove(dir) end)

  it("keeps every value, bytes included", function()
    local value = { text = "a\0b\r\n\"\\\xff\x1bend", whole = math.mininteger, real = 0.1,
      yes = true, no = false, list = { 1, 2, { 3 } }, [7] = "seven", ["a key"] = { [""] = 1 } }
    assert.same(value, snapshot.decode(snapshot.encode(value)))
    local all = {}
    for byte = 0, 255 do all[byte + 1] = string.char(byte) end
    local text = table.concat(all)
    assert.same({ t = text }, snapshot.decode(snapshot.encode { t = text }))
  end)

  it("is data: it runs nothing", function()
    for _, text in ipairs { "{", "os.exit(7)", "(function() return {} end)()", "\27Lua", "" } do
      local value = snapshot.decode(text)
      assert.is_true(value == nil or next(value) == nil, text)
    end
    assert.is_nil((snapshot.decode "os.exit(7)"))
  end)

  local function taken(text, set)
    local path = scratch.write(dir .. "/vm.lua", text)
    local options = { set = set, kept = true,
      host = setmetatable({ env = function(name) return name == "WORD" and "from env" or nil end },
                          { __index = host }) }
    local plan, machine = lunik.plan(path, options)
    assert(plan, plan or lunik.text(machine))
    return snapshot.decode(snapshot.encode(assert(snapshot.take(plan, machine, set))))
  end

  it("gives the same hooks when every file has gone", function()
    scratch.write(dir .. "/beside.lua", "return { word = 'from a module' }")
    scratch.write(dir .. "/text.txt", "from a file")
    local kept = taken [[
      local beside, text, word = require "beside", read "text.txt", env "WORD"
      local missing, cpus = env "MISSING", host.cpus
      return machine { name = "s", accel = "tcg", memory = "64M",
        on("ready", function(vm) vm.say(beside.word, text, word, missing, cpus) end),
        ready = function(vm) return vm.answer end }]]
    for _, name in ipairs { "vm.lua", "beside.lua", "text.txt" } do
      unistd.unlink(dir .. "/" .. name)
    end
    local l <close> = loop.new()
    local hooks = assert(brief.of_snapshot(kept, l, {}, print))
    assert.same({ 1, "ready" }, { #hooks.hooks, hooks.hooks[1].point })
    local said
    hooks.hooks[1].fn { say = function(...) said = { ... } end }
    assert.same({ "from a module", "from a file", "from env", nil, host.cpus }, said)
    assert.equal("yes", hooks.ready { answer = "yes" })
    assert.equal("function", kept.plan.ready.kind)
  end)

  it("knows what --set said", function()
    local kept = taken([[return machine { name = "s", accel = "tcg", memory = "64M",
      on("ready", function() end) }]], { memory = "128M" })
    assert.same({ memory = "128M" }, kept.recipe.set)
    assert.equal(128 << 20, kept.plan.memory)
  end)

  it("knows how many CPUs there will be where nothing but the recipe's word has a say", function()
    local function known(more)
      return taken(("return machine { name = 's', accel = 'tcg', cpus = 2, %s }"):format(more)).plan
        .cpus
    end
    assert.equal(2, known "console {}, on('ready', function() end)")
    for _, more in ipairs { "qemu.smp { 3 }", "raw { '-smp', '3' }", "defaults = false",
                            "on('started', function() end)" } do
      assert.is_nil(known(more), more)
    end
  end)

  it("of a recipe without hooks does not have it read again", function()
    local kept = taken [[return machine { name = "s", accel = "tcg", memory = "64M" }]]
    assert.is_false(kept.recipe.active)
    kept.recipe.inputs.files = {}
    local l <close> = loop.new()
    local given = brief.of_snapshot(kept, l, {}, print)
    assert.same({ {}, nil }, { given.hooks, given.policies })
  end)
end)
