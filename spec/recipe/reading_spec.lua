-- SPDX-License-Identifier: MIT
-- `lunik check` of recipes that ask for too much, each in a process with little memory and
-- processor time: it ends by itself, with problems. And what it does not run or open.
local core = require "lunik.core"
local house = require "support.house"
local resource = require "posix.sys.resource"
local run = require "support.run"
local scratch = require "support.scratch"
local stat = require "posix.sys.stat"
local unistd = require "posix.unistd"

local time = { resource = resource.RLIMIT_CPU, soft = 20, hard = 21 }
local memory = { resource = resource.RLIMIT_AS, soft = 1 << 30, hard = 1 << 30 }

local dir

-- Starts `lunik check` of recipe text: a function that gives what it printed, once it has ended
-- as it should. `limits` are others where a QEMU is asked, which takes more memory.
local function start(name, text, env, limits)
  local path = scratch.write(("%s/%s.lua"):format(dir, name), text)
  local reader, writer = unistd.pipe()
  local child = assert(core.proc.spawn { argv = { house.program, "check", path },
    rlimits = limits or { time, memory },
    fds = { [1] = 1, [2] = writer }, env = env })
  unistd.close(writer)
  return function()
    local _ <close> = child
    local said = run.drain(reader)
    assert.same({ "exited", 1 }, { child:wait(300) }, name .. ": " .. said:sub(1, 500))
    assert.is_true(#said < 100000, ("%s: %d bytes"):format(name, #said))
    return (said:gsub(dir .. "/", ""))
  end
end

local function check(...) return start(...)() end

local late = "more processor time is taken than reading may"

local function nested()
  local names, parts = {}, {}
  for i = 1, 196 do names[i] = "a" .. i end
  for i = 1, 150 do parts[i] = "local function f()\nlocal " .. table.concat(names, ",") end
  return table.concat(parts, "\n") .. ("\nx=y"):rep(200000) .. ("\nend"):rep(150)
end

describe("reading ends", function()
  before_each(function() dir = scratch.new() end)
  after_each(function() scratch.remove(dir) end)

  it("where names are looked up in many functions, where many hooks loop", function()
    local compiled = start("nested", nested())
    local hooks = start("hooks", [[local t = {}
      for i = 1, 5000 do t[i] = on("configure", function() while true do end end) end
      return machine { t }]])
    assert.matches("^lunik check: nested.lua:%d%d+: " .. late .. "\n$", compiled())
    assert.matches("^lunik check:\n  hooks.lua:2: " .. late, hooks())
  end)

  it("with thousands of items on one line", function()
    local same = check("same", "return machine { " .. ("serial { fil = 1 }, "):rep(6000) .. "}")
    assert.matches("\n  same.lua:1: serial.fil: no such field; did you mean 'file'%?\n", same)
    assert.matches("\n  … and 11900 more problems\n$", same)
    local items = {}
    for i = 1, 9000 do items[i] = ("serial { k%d = 1 }"):format(i) end
    assert.matches("… and 17900 more problems\n$",
      check("each", "return machine { " .. table.concat(items, ", ") .. "}"))
  end)

  it("with thousands of unknown keys and drivers", function()
    local fields = "local t = {} for i = 1, 19000 do t['memory' .. i] = i end return machine "
    assert.matches("… and 18900 more problems\n$", check("machine", fields .. "(t)"))
    assert.matches("… and 18901 more problems\n$", check("device", fields .. "{ serial(t) }"))
    assert.matches("… and 8900 more problems\n$", check("drivers", [[
      local t = {}
      for i = 1, 9000 do t[i] = device { "virtio-blk-pcx" .. i } end
      return machine { accel = "tcg", t }]], nil, { time }))
  end)

  it("with thousands of missing files in a big folder", function()
    stat.mkdir(dir .. "/big")
    for i = 1, 3000 do scratch.write(("%s/big/name-number-%d.raw"):format(dir, i), "") end
    local said = check("missing", [[local t = {}
      for i = 1, 3000 do t[i] = disk { file = "big/namf-number-" .. i .. ".raw" } end
      return machine { t }]])
    assert.matches("no such file 'big/namf%-number%-1.raw'; did you mean 'big/name%-number%-1.raw'",
      said)
    assert.matches("… and 2900 more problems\n$", said)
  end)

  it("with long names", function()
    local said = check("long", [[local t = {}
      for i = 1, 300 do t[("k"):rep(131000) .. i] = i end
      return machine { serial(t), t }]])
    assert.matches("\n  … and %d+ more problems\n$", said)
  end)

  it("with a long error", function()
    assert.is_true(#check("raised", "error(('x'):rep(3e7))") < 5000)
  end)

  it("at a file of the kernel's that waits", function()
    for _, path in ipairs { "/proc/kmsg", "/sys/kernel/debug/tracing/trace_pipe" } do
      assert.matches("kernel.lua:1: disk.file: ", check("kernel",
        ("return machine { disk { file = %q, format = 'raw' } }"):format(path)))
    end
  end)

  it("at a fifo, wherever it is named", function()
    assert(stat.mkfifo(dir .. "/fifo.raw", tonumber("600", 8)))
    assert.matches("fifo.raw' is a fifo", check("disk",
      "return machine { disk { file = 'fifo.raw' } }"))
    assert.matches("fifo.raw: is a fifo", check("read", "read 'fifo.raw' return machine {}"))
  end)

  it("and has run nothing that only the recipe names", function()
    local ran = dir .. "/ran"
    local bin = dir .. "/bin"
    stat.mkdir(bin)
    for _, name in ipairs { "deploy", "qemu-deploy" } do
      scratch.write(bin .. "/" .. name, ("#!/bin/sh\n: >'%s'\n"):format(ran))
      stat.chmod(bin .. "/" .. name, tonumber("755", 8))
      check("names", ("return machine { qemu = %q, accel = 'tcg', device { 'x' }, oops = 1 }")
        :format(bin .. "/" .. name), { "PATH=" .. bin .. ":/usr/bin:/bin" })
      assert.is_nil(stat.stat(ran), name)
    end
  end)
end)
