-- What a guest has anew that goes on from a saved state, with a real one: two that go on from the
-- same state draw other numbers, and what could not be done is said.
local core = require "lunik.core"
local house = require "support.house"
local scratch = require "support.scratch"
local stat = require "posix.sys.stat"

describe("a machine that goes on from a saved state", function()
  local home
  setup(function() home = house.new() end)
  after_each(function()
    home:clear()
    if stat.lstat(home.dir .. "/m.saved") then scratch.remove(home.dir .. "/m.saved") end
  end)
  teardown(function() home:close() end)

  local function guest(text, ...)
    return (home:does("exec", "m", "--", "sh", "-c", text, "sh", ...))
  end

  -- A guest without a source of its own that has just drawn a seed: it draws no other for seconds.
  local function save(before, last)
    local recipe = home:small("m", [[agent {}, qemu.cpu { "max", rdrand = false, rdseed = false }]])
    scratch.write(recipe, (scratch.read(recipe):gsub("cpus = 2", "cpus = 1")))
    home:does("up", recipe)
    if before then guest(before) end
    local program = core.guest.reseed "x86_64"
    guest('printf %b "$1" >/p; chmod 700 /p; head -c 64 /dev/urandom | /p',
          (program:gsub("[^%w]", function(c) return ("\\0%03o"):format(c:byte()) end)))
    if last then home:does(last, "m") end
    home:does("save", "m", "m.saved")
  end

  -- What one draws first that is restored, and what restoring it has said.
  local function draw()
    local _, said = home:does("restore", "--again", "m.saved")
    -- one after the other: whoever runs beside it may draw a number before it, or after it
    local numbers = guest [[head -c 16 /dev/urandom >/tmp/n; cat /proc/sys/kernel/random/uuid
      xxd -p </tmp/n; rm /tmp/n]]
    local left = guest "ls -A /dev/shm /run /tmp"
    home:does("down", "--force", "m")
    return numbers, said, left
  end

  it("draws numbers that no other one draws", function()
    save()
    local numbers, said, left = draw()
    assert.falsy(said:find("renewed", 1, true), said)
    assert.falsy(left:find("lunik.", 1, true), left)
    local others = draw()
    assert.not_equal(numbers:match "\n%x+", others:match "\n%x+")
    assert.not_equal(numbers:match "%x+%-%S+", others:match "%x+%-%S+")
  end)

  it("draws its own, and has the time, once it is resumed after a pause", function()
    save("date -s @1000000000", "pause")
    local found = {}
    for i = 1, 2 do
      home:does("restore", "--again", "m.saved")
      home:does("resume", "m")
      found[i] = guest [[until [ "$(date +%s)" -gt 1700000000 ]; do sleep 0.1; done
        cat /proc/sys/kernel/random/uuid]]
      home:does("down", "--force", "m")
    end
    assert.not_equal(found[1], found[2])
  end)

  it("is told of by name where it goes on with the numbers that it was saved with", function()
    save [[for d in /dev/shm /run /tmp /var/tmp /root; do
      mkdir -p $d; mount -t tmpfs -o noexec x $d; done]]
    local numbers, said = draw()
    assert.truthy(said:find("m: not renewed in the guest: randomness: there is nowhere to run a "
                            .. "program from\n", 1, true), said)
    -- on a busy host a guest may have drawn a seed of its own before it is asked
    for _ = 1, 3 do
      if draw() == numbers then return end
    end
    assert.equal(numbers, (draw()))
  end)
end)
