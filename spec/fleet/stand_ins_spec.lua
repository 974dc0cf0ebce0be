-- Copies that stand for a machine's images while a job runs.
local cache = require "lunik.fleet.cache"
local image = require "lunik.fleet.image"
local scratch = require "support.scratch"
local stand_ins = require "lunik.fleet.stand_ins"
local stat = require "posix.sys.stat"

describe("copies that stand for images", function()
  local dir, attempt, told
  before_each(function()
    dir, told = scratch.new(), {}
    for _, name in ipairs { "/images", "/cache", "/job" } do stat.mkdir(dir .. name, 448) end
    attempt = { batch = {}, job = dir .. "/job", number = 0,
      place = { images = dir .. "/images", cache = function() return dir .. "/cache" end },
      overtaken = function() end }
  end)
  after_each(function() scratch.remove(dir) end)

  local function disk(name, fields)
    local path = scratch.write(("%s/%s"):format(dir, name), name)
    fields.family, fields.file, fields.format = "disk", path, "raw"
    return fields
  end

  local function take(items, stopped)
    return stand_ins.take(attempt, { items = items }, function(text) told[#told + 1] = text end,
      stopped or function() return false end)
  end

  -- What is submitted with a bound for the nodes' caches.
  local function submit(items, bytes)
    attempt.batch.cache, attempt.batch.images = bytes, {}
    for i, path in ipairs((image.bases { items = items })) do
      local found = image.sum(path)
      attempt.batch.images[i] = { path = path, sum = found.sum, bytes = found.bytes }
    end
  end

  it("are of what is only read, and of overlays that are kept", function()
    local overlay = scratch.write(dir .. "/o.qcow2", "over")
    local items = { disk("a", { overlay = true }), disk("b", { readonly = true }), disk("c", {}),
                    disk("d", { overlay = overlay }) }
    submit(items, 1 << 20)
    local copies = assert(take(items))
    local contents = {}
    for path, copy in pairs(copies.images) do contents[path] = scratch.read(copy) end
    assert.same({ [dir .. "/a"] = "a", [dir .. "/b"] = "b", [overlay] = "over" }, contents)
    assert.same({ dir .. "/a: copied into the node's cache",
                  dir .. "/b: copied into the node's cache" }, told)
    assert.equal(dir .. "/c", image.in_place { items = items })
    assert.is_nil(image.in_place { items = { items[1], items[2], items[4] } })
    -- no copy of a device takes its place
    local host = require "lunik.host"
    local kind = host.kind
    host.kind = function() return "device" end
    local written = image.in_place { items = { items[4] } }
    host.kind = kind
    assert.equal(overlay, written)
    scratch.write(copies.images[overlay], "written")
    assert.is_true(copies:finish(false))
    assert.equal("written", scratch.read(overlay))
  end)

  it("are none of an image that stands on others", function()
    local item = disk("a", { overlay = true })
    item.format = "qcow2"
    scratch.write(item.file, (">c4I4I8I4I4I8"):pack("QFI\xfb", 2, 72, 4, 16, 1 << 20)
      .. ("\0"):rep(40) .. "base")
    assert.same({ {}, { item.file } }, { image.bases { items = { item } } })
  end)

  it("are missing where the cache has no room, which is told", function()
    local items = { disk("a", { overlay = true }) }
    submit(items, 0)
    assert.same({}, assert(take(items)).images)
    assert.same({ dir .. "/a is read where it is: no room in the node's cache of 0 MiB" }, told)
  end)

  it("end a job that was called away meanwhile, or whose image is another by now", function()
    local items = { disk("a", { overlay = true }) }
    submit(items, 1 << 20)
    local function away(_, _, _, stopped) return nil, stopped() and image.INTERRUPTED end
    local fetch = cache.fetch
    cache.fetch = away
    local found = table.pack(take(items, function() return true end))
    cache.fetch = fetch
    assert.same({ nil, ("interrupted while %s/a was copied"):format(dir), 7, n = 3 }, found)
    scratch.write(dir .. "/a", "b")
    assert.same({ nil, dir .. "/a: it is not what it was when the job was submitted", 1 },
      { take(items) })
  end)

  it("are given up, and the overlay stays, where a job is tried again", function()
    local overlay = scratch.write(dir .. "/o.qcow2", "over")
    local copies = assert(take { disk("d", { overlay = overlay }) })
    scratch.write(copies.images[overlay], "half")
    assert.is_true(copies:finish(true))
    assert.equal("over", scratch.read(overlay))
    assert.is_nil(stat.lstat(copies.images[overlay]))
  end)
end)
