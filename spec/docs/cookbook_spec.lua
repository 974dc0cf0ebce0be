-- The cookbook: each recipe is one, and short; what the reader is told to type is typed. Those that
-- are not typed here are in `make real` (spec/real/recipes.lua).
local cookbook = require "support.cookbook"
local house = require "support.house"
local run = require "support.run"
local scratch = require "support.scratch"
local stat = require "posix.sys.stat"

local LONGEST = 40
local LEAST = 30
local TYPED = { ["A program that you do not trust"] = true, ["A script that you have"] = true,
                ["A disk that comes later"] = true, ["A service of the system"] = true }

-- Files of the reader's that recipes name: empty images, and what stands for media and kernels.
local STAGED = { "system.qcow2", "windows.qcow2", "debian-13-generic-arm64.qcow2",
                 "debian-12-genericcloud-amd64.qcow2" }
local MEDIA = { "debian-13.iso", "windows.iso", "virtio-win.iso", "rootfs.ext4" }

describe("the cookbook", function()
  local home, reader

  before_each(function()
    home = house.new()
    reader = cookbook.reader(home)
  end)
  after_each(function() home:close() end)

  local function stage()
    for _, name in ipairs { "arch", "arch/x86", "arch/x86/boot", "task", "results" } do
      stat.mkdir(reader.dir .. "/" .. name)
    end
    for _, name in ipairs(STAGED) do
      local _, how, status = run.output { path = true, argv = { "qemu-img", "create", "-q", "-f",
        "qcow2", reader.dir .. "/" .. name, "1G" } }
      assert.same({ "exited", 0 }, { how, status })
    end
    for _, name in ipairs(MEDIA) do
      scratch.write(reader.dir .. "/" .. name, ("\0"):rep(1 << 16))
    end
    scratch.write(reader.dir .. "/arch/x86/boot/bzImage", scratch.read(house.guest .. "/vmlinuz"))
    for _, each in ipairs(cookbook.recipes()) do
      scratch.write(reader.dir .. "/" .. each.name, each.text)
    end
  end

  it("has thirty problems and more, each with a recipe of under forty lines", function()
    local list = cookbook.recipes()
    for _, each in ipairs(list) do
      local _, lines = each.text:gsub("\n", "")
      assert.is_true(lines < LONGEST, each.title)
    end
    assert.is_true(#list >= LEAST)
  end)

  it("has recipes that are right for the QEMU that is here", function()
    stage()
    for _, each in ipairs(cookbook.recipes()) do
      if each.text:find("return machine {", 1, true) then
        local out, how, status = run.output { path = true, env = reader.env, cwd = reader.dir,
          argv = { "sh", "-c", "exec 2>&1; lunik check --no-host " .. each.name } }
        assert.same({ "exited", 0 }, { how, status }, each.title .. ": " .. out)
      end
    end
  end)

  it("has a part that another recipe can use", function()
    stage()
    local path = scratch.write(reader.dir .. "/shared.lua",
      'return machine { require "common" { agent {} }, disk { file = "system.qcow2" } }')
    local argv = home:does("argv", path)
    for _, word in ipairs { "hostfwd=", "org.qemu.guest_agent.0", "system.qcow2" } do
      assert.truthy(argv:find(word, 1, true), word)
    end
  end)

  for _, section in ipairs(cookbook.typed()) do
    if TYPED[section.title] then
      it("is followed to the letter: " .. section.title, function()
        cookbook.follow(reader, section)
      end)
    end
  end
end)
