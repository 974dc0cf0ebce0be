-- SPDX-License-Identifier: MIT
-- What it costs to know a QEMU: the first time, over the same questions asked bare (their text
-- written at once to the same binary's monitor, the answers counted and dropped); and `lunik check
-- --no-host` of a recipe as a whole process, right and with twenty mistakes, over `lunik argv`.
local measure = require "measure"
local core = require "lunik.core"
local gather = require "lunik.host.caps.gather"
local host = require "lunik.host"
local probe = require "lunik.host.caps.probe"
local scratch = require "support.scratch"

local qemu = measure.program "qemu-system-x86_64"

-- The questions that a probe asks, as it asks them: batches, each to a QEMU of its own.
local function questions()
  local batches, ask = {}, probe.ask
  probe.ask = function(path, list)
    local lines = {}
    for i, each in ipairs(list) do
      lines[i] = core.json.encode { execute = each[1], arguments = each[2], id = i }
    end
    batches[#batches + 1] = { text = table.concat(lines), count = #list }
    return ask(path, list)
  end
  assert(gather(qemu))
  probe.ask = ask
  return batches
end

-- Reads until `count` answers have come; a QEMU writes each on a line of its own.
local function drain(chan, count)
  local seen = 0
  while seen < count do
    local bytes = assert(chan:read(1 << 16, nil, 30))
    for _ in bytes:gmatch "\n" do seen = seen + 1 end
  end
end

local function bare(batch)
  local ours, theirs = core.chan.pair()
  local child <close> = assert(core.proc.spawn { argv = { qemu, "-machine", "none", "-nodefaults",
    "-no-user-config", "-S", "-display", "none", "-chardev", "socket,id=ask,fd=3", "-mon",
    "chardev=ask,mode=control" }, env = {}, fds = { [3] = theirs:fd() } })
  theirs:close()
  assert(ours:send('{"execute":"qmp_capabilities"}' .. batch.text, 30))
  drain(ours, batch.count + 2)
  ours:close()
  child:signal(9)
  child:wait(5)
end

local batches = questions()
local floor, figure = measure.pairs(5, function()
  for _, batch in ipairs(batches) do bare(batch) end
end, function() assert(gather(qemu)) end)
measure.print("caps: a QEMU asked for the first time", "ms", floor, figure)
collectgarbage()
print(("caps: %d questions; %.0f kB of Lua's memory afterwards"):format(
  batches[1].count + batches[2].count, collectgarbage "count"))

local dir = scratch.new()
local wrong = { "return machine {" }
for i = 1, 20 do
  wrong[#wrong + 1] = ("  qemu.device { 'virtio-rng-pci', id = 'r%d', max_byte%d = 1 },"):format(
    i, i)
end
wrong[#wrong + 1] = "}"
scratch.write(dir .. "/wrong.lua", table.concat(wrong, "\n"))

local lunik = { host.real "build/lunik" }
local function run(...)
  local child <close> = assert(core.proc.spawn { argv = { lunik[1], ... },
    env = measure.environment })
  child:wait(60)
end

local recipe = "examples/workspace/vm.lua"
measure.print("check: --no-host, over argv", "ms", measure.pairs(40,
  function() run("argv", recipe) end, function() run("check", "--no-host", recipe) end))
measure.print("check: twenty mistakes, over argv", "ms", measure.pairs(40,
  function() run("argv", recipe) end,
  function() run("check", "--no-host", dir .. "/wrong.lua") end))
scratch.remove(dir)
