-- One recipe, a real guest, and every road to a running machine: `lunik run`, `lunik up`, lunik.run
-- of a Lua program, the C API. What its author wrote is done on each of them, and it ends alike.
local embed = require "support.embed"
local house = require "support.house"
local run = require "support.run"
local scratch = require "support.scratch"
local stat = require "posix.sys.stat"

-- Each thing that is done leaves a line in TRACE, once.
local RECIPE = [[
  local guest, here, trace = %q, %q, env "TRACE"
  local seen = {}
  local function note(text)
    if not seen[text] then host.run { "sh", "-c", "echo \"$1\" >> \"$2\"", "sh", text, trace } end
    seen[text] = true
  end
  local projects = require "lunik.ext.projects"
  local function place(vm, tag)
    while true do
      for _, mount in ipairs(vm:mounts()) do
        if mount.tag == tag and mount.state == "mounted" then return mount.to end
      end
      vm:sleep(0.1)
    end
  end
  return machine { name = "road", accel = "tcg", cpus = 1, memory = "256M",
    kernel = guest .. "/vmlinux", initrd = guest .. "/initramfs.img", append = %q,
    agent {},
    hotplug { ports = 4, keep = true,
      mount = function(vm, m)
        note("policy " .. vm.name .. " " .. m.tag)
        if m.tag == "no" then return nil, "not this one" end
        return m
      end },
    ready = function(vm)
      note "asked"
      return vm:exec { "true", seconds = 30 } == 0
    end,
    projects { from = here .. "/src", to = "/src" },
    every(0.1, function() note "every" end),
    on("started", function(vm) note("started " .. vm:qmp "query-status".status) end),
    on("ready", function(vm)
      local ok, why, code = vm:mount { from = here .. "/other", tag = "no" }
      note(("mount no: %%s %%s %%s"):format(ok, why, code))
      note("mounted " .. place(vm, "a"))
      note("kept " .. place(vm, "kept"))
      note("ready " .. select(2, vm:exec { "cat", "/src/a/file" }))
      if env "HOW" == "kill" then vm:stop("as told", "kill") else vm:exec { "poweroff", "-f" } end
    end),
    on("SHUTDOWN", function(vm, event) note("event " .. event.reason .. event.data.reason) end),
    on("stop", function(vm, reason) note("stop " .. reason) end),
    on("exit", function(vm, how) note("exit " .. how.kind .. " " .. how.code) end) }]]

describe("a recipe", function()
  local home, recipe
  local roads = {}

  -- lunik run's exit code
  function roads.run() return (home:lunik("run", "--no-console", recipe)) end

  function roads.up()
    home:lunik("up", recipe)
    home:lunik("wait", "road")         -- it may have ended already
    return home:json("status", "road", "--json").ended.code
  end

  function roads.lua()
    local text = run.output { path = true, env = home.env, argv = { run.interpreter, "-e",
      ("package.path, package.cpath = %q, %q "):format(package.path, package.cpath)
      .. ("print(require 'lunik'.run(%q).code)"):format(recipe) } }
    return math.tointeger(text:match "%d+")
  end

  function roads.c()
    local text, status = embed.run(home, { home.dir .. "/road", recipe })
    assert.equal("number", type(status), text)
    return status
  end

  setup(function()
    home = house.new()
    for _, name in ipairs { "src", "src/a", "other" } do
      stat.mkdir(("%s/%s"):format(home.dir, name), 448)
    end
    scratch.write(home.dir .. "/src/a/file", "from the host")
    recipe = home:recipe("road", RECIPE:format(house.guest, home.dir, house.append))
    embed.make "c"
    embed.compile(home.dir .. "/road", { "spec/support/embed/road.c" })
  end)
  teardown(function() home:close() end)

  -- What was done on a road, sorted, and the exit code.
  local function taken(road, how)
    local trace = ("%s/trace-%s-%s"):format(home.dir, road, how)
    home:surroundings()
    table.move({ "TRACE=" .. trace, "HOW=" .. how }, 1, 2, #home.env + 1, home.env)
    stat.mkdir(home.dir .. "/state/lunik", 448)
    stat.mkdir(home.dir .. "/state/lunik/road", 448)
    scratch.write(home.dir .. "/state/lunik/road/mounts.json", ([[{"lunik": 1, "mounts": [
      {"from": "%s/other", "to": "/kept", "tag": "kept"}]}]]):format(home.dir))
    local code = roads[road]()
    local lines = {}
    for line in io.lines(trace) do lines[#lines + 1] = line end
    table.sort(lines)
    return { code = code, lines = lines }
  end

  local function expected(lines, ...)
    local all = { "asked", "every", "mounted /src/a", "kept /kept", "policy road a",
      "policy road kept",
      "policy road no",
      ("mount no: nil refused by the policy at %s:19: not this one refused"):format(recipe),
      "ready from the host", "started prelaunch", ... }
    table.sort(all)
    assert.same(all, lines)
  end

  for _, road in ipairs { "run", "up", "lua", "c" } do
    it(("is carried out whole by %s"):format(road), function()
      local done = taken(road, "poweroff")
      expected(done.lines, "event guest-shutdownguest-shutdown", "exit poweroff 0")
      assert.equal(0, done.code)
      done = taken(road, "kill")
      expected(done.lines, "stop as told", "exit killed 7")
      assert.equal(7, done.code)
    end)
  end
end)
