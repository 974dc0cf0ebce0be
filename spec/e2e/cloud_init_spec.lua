-- Seeds of cloud-init on a real QEMU and in a real guest, which reads them as any disk; and what
-- belongs to a guest, which lives as long as its disk.
local core = require "lunik.core"
local house = require "support.house"
local scratch = require "support.scratch"

local home
setup(function() home = house.new() end)
teardown(function() home:close() end)

local FAT = "modprobe vfat; modprobe nls_cp437; modprobe nls_ascii; modprobe nls_iso8859-1; "
            .. "mkdir -p /seed; mount -t vfat -o ro /dev/%s /seed"

local function state(name, file) return ("%s/state/lunik/%s/%s"):format(home.dir, name, file) end

-- The seed of a machine that runs, as its guest reads it: texts by name.
local function read(name, disk)
  local function guest(script) return (home:does("exec", name, "--", "sh", "-c", script)) end
  guest(FAT:format(disk))
  local seed = {}
  for _, file in ipairs { "meta-data", "user-data" } do seed[file] = guest("cat /seed/" .. file) end
  guest "umount /seed"
  seed.instance = seed["meta-data"]:match "instance%-id: (%b\"\")"
  seed.host = seed["user-data"]:match '"ed25519_public":"([^"]*)"'
  seed.login = seed["user-data"]:match '"ssh_authorized_keys":%["([^"]*)"%]'
  return seed
end

local function once(recipe, name, disk)
  home:does("up", recipe)
  local seed = read(name, disk)
  home:does("down", "--force", name)
  return seed
end

local function with(name, disk, fields)
  return home:small(name, ([[agent {}, nic {}, ssh {}, cloud_init { %s }, ready = "agent",
    disk { file = "%s.qcow2", %s } ]]):format(fields or "", name, disk))
end

describe("a guest with a seed", function()
  it("is the same over restarts, another by another text, and by another disk", function()
    local recipe = with("kept", 'create = true, size = "64M"', 'password = "first"')
    local first = once(recipe, "kept", "vdb")
    assert.truthy(first.instance and first.host and first.login)
    assert.same(first, once(recipe, "kept", "vdb"))
    local changed = once(with("kept", 'create = true, size = "64M"', 'password = "second"'), "kept",
                         "vdb")
    assert.same({ first.host, first.login }, { changed.host, changed.login })
    assert.are_not.equal(first.instance, changed.instance)
    os.rename(home.dir .. "/kept.qcow2", home.dir .. "/another.qcow2")
    local another = once(recipe, "kept", "vdb")
    for _, what in ipairs { "instance", "host", "login" } do
      assert.are_not.equal(first[what], another[what])
    end
    local SALT = "%$6%$[^$]*"
    assert.are_not.equal(first["user-data"]:match(SALT), another["user-data"]:match(SALT))
  end)

  it("is another at each start where what it writes is thrown away", function()
    scratch.write(home.dir .. "/thrown.raw", ("\0"):rep(1 << 20))
    local recipe = home:small("thrown", [[agent {}, nic {}, ssh {}, cloud_init {}, ready = "agent",
      disk { file = "thrown.raw", overlay = true } ]])
    local first, second = once(recipe, "thrown", "vdb"), once(recipe, "thrown", "vdb")
    for _, what in ipairs { "instance", "host", "login" } do
      assert.are_not.equal(first[what], second[what])
    end
  end)

  it("is known by the key of its seed, and by no other", function()
    home:does("up", with("known", 'create = true, size = "64M"', 'user = "root"'))
    local seed = read("known", "vdb")
    assert.equal("lunik-known " .. seed.host:match "^%S+ %S+" .. "\n",
                 scratch.read(state("known", "known_hosts")))
    local status, _, why = home:lunik("ssh", "known", "true")
    assert.equal(255, status)
    assert.truthy(why:find("Host key verification failed", 1, true), why)
    home:does("down", "--force", "known")
    assert.is_nil(io.open(state("known", "seed.img")))
    home:does("rm", "known")
    assert.is_nil(io.open(state("known", "host_ed25519")))
  end)

  it("gets what a recipe says, in files of any size", function()
    local big = {}
    for i = 1, 40000 do big[i] = ("line %d\n"):format(i) end
    scratch.write(home.dir .. "/big", table.concat(big))
    scratch.write(home.dir .. "/user-data", "#cloud-config\nanything: [1, 2]\n")
    home:does("up", home:small("files", [[agent {}, cloud_init {
      files = { ["/big"] = { file = "big" } } } ]]))
    local said = read("files", "vda")["user-data"]
    local encoded = assert(core.json.decode(said:match "write_files: ([^\n]*)"))
    assert.equal(table.concat(big), encoded[1].content)
    home:does("down", "--force", "files")
    home:does("up", home:small("own", 'agent {}, cloud_init { user_data = "user-data" }'))
    assert.equal("#cloud-config\nanything: [1, 2]\n", read("own", "vda")["user-data"])
    home:does("down", "--force", "own")
  end)
end)
