-- `lunik types`: the addon it writes, read back and held against what the QEMU of this host says.
local caps = require "lunik.host.caps"
local core = require "lunik.core"
local facts = require "lunik.host.facts"
local house = require "support.house"
local luacats = require "support.luacats"
local run = require "support.run"
local scratch = require "support.scratch"
local stat = require "posix.sys.stat"

local BINARY = "qemu-system-x86_64"

describe("lunik types", function()
  local home
  before_each(function() home = house.new() end)
  after_each(function() home:close() end)

  local function text(name) return scratch.read(home.dir .. "/" .. name) end

  -- What it says with --json, and the text of each file of the library.
  local function written(...)
    local said, library = home:json("types", "--json", "--qemu", BINARY, ...), {}
    for _, path in ipairs(said.written) do
      if path:find "/library/.*%.lua$" then library[path] = scratch.read(path) end
    end
    return said, library
  end

  it("writes an addon of lua-language-server, and where a folder finds it", function()
    local out, errors = home:does("types", "--qemu", BINARY)
    local folder = home.dir .. "/.local/share/lunik/types/" .. BINARY
    local known = caps(facts.program(BINARY))
    assert.same({ ([[
wrote %s: 274 devices and 38 object types of QEMU %s
wrote .luarc.json
for luacheck, in .luacheckrc: stds.recipe = dofile "%s/luacheck.lua"
]]):format(folder, known:version(), folder), "" }, { out, errors })
    local rc = core.json.decode(text ".luarc.json")
    assert.same({ folder .. "/library" }, rc["workspace.library"])
    local config = core.json.decode(scratch.read(folder .. "/config.json"))
    assert.equal("lunik", config.name)
    assert.equal("Lua 5.4", config.settings["Lua.runtime.version"])
    assert.matches("function machine%(", scratch.read(folder .. "/library/recipe.lua"))
  end)

  it("is Lua that names only what there is, in files that language servers read", function()
    local _, library = written()
    local classes, used = luacats.parsed(library)
    for path, each in pairs(library) do
      assert(load(each, path))
      assert.is_true(#each < luacats.largest, path)
    end
    for name in pairs(used) do assert(classes[name], name) end
  end)

  it("has a class for each device and object type that can be made, with all of its properties",
    function()
      local said, library = written()
      local classes, known = luacats.parsed(library), caps(facts.program(BINARY))
      local counts, seen = { device = 0, object = 0 }, {}
      for kind in pairs(counts) do
        for _, name in ipairs(known:names(kind)) do
          local made = kind == "object" or known:head(kind, name)[4] == "yes"
          local class = classes[("lunik.%s.%s"):format(kind, (name:gsub("[^%w_]", "_")))]
          if made and not name:find "%-cpu$" then
            assert(class, name)
            assert.is_nil(seen[class], name)
            seen[class], counts[kind] = true, counts[kind] + 1
            assert.equal(('%q'):format(name), class["[1]"])
            for property in pairs(known:properties(kind, name) or {}) do
              local word = property:gsub("%-", "_")
              assert(class[word] or class[property], name .. "." .. property)
            end
          else
            assert.is_nil(class, name)
          end
        end
      end
      assert.same({ said.devices, said.objects }, { counts.device, counts.object })
    end)

  it("tells the type of a property, its words and its default", function()
    local _, library = written()
    local classes = luacats.parsed(library)
    local disk = classes["lunik.device.virtio_blk_pci"]
    assert.equal("boolean (default: true)", disk.event_idx)
    assert.equal('boolean|"on"|"off"|"auto" on/off/auto (default: auto)', disk.disable_legacy)
    assert.equal("integer|string (default: 256)", disk.queue_size)
    assert.equal("string Node name or ID of a block device to use as a backend", disk.drive)
    assert.equal('"report"|"ignore"|"enospc"|"stop"|"auto" Error handling policy, '
      .. 'report/ignore/enospc/stop/auto (default: auto)', disk.rerror)
    -- one whose properties QEMU cannot be asked for may have any
    assert(classes["lunik.object.colo_compare"]["[string]"])
  end)

  it("has a std by which luacheck takes every example, and no word that is none", function()
    local said = written()
    local rc = scratch.write(home.dir .. "/luacheckrc", ([[
stds.recipe = dofile "%s/luacheck.lua"
std = "lua54+recipe"
files["**/*_spec.lua"] = { std = "lua54+busted" }
max_line_length = false
]]):format(said.folder))
    local function luacheck(...)
      return run.output { argv = { "luacheck", "--no-color", "--config", rc, "-q", ... },
        path = true }
    end
    local examples = require("posix.stdlib").realpath "examples"
    local report, _, status = luacheck(examples)
    assert.same({ 0, true }, { status, report:find "0 warnings / 0 errors" ~= nil }, report)
    local wrong = scratch.write(home.dir .. "/wrong.lua", 'return machine { dsk { file = "a" } }')
    assert.matches("accessing undefined variable", (luacheck(wrong)))
  end)

  it("leaves what others wrote, and mends what it wrote itself", function()
    scratch.write(home.dir .. "/.luarc.json", "{}")
    local _, errors = home:does("types", "--qemu", BINARY)
    assert.matches("^lunik: .luarc.json is there already: /%S+/library in its workspace.library "
                   .. "has the words of recipes\n$", errors)
    assert.equal("{}", text ".luarc.json")
    stat.mkdir(home.dir .. "/sub", 448)
    local first = home:json("types", "--json", "--qemu", BINARY, "--to", "one", "sub")
    assert.equal("sub/.luarc.json", first.written[#first.written])
    assert.matches("/one/library", text "sub/.luarc.json")
    home:does("types", "--qemu", BINARY, "--to", "two", "sub")
    assert.matches("/two/library", text "sub/.luarc.json")
    -- what an earlier QEMU had more of is gone
    scratch.write(home.dir .. "/two/library/device-3.lua", "")
    scratch.write(home.dir .. "/two/library/own.lua", "")
    home:does("types", "--qemu", BINARY, "--to", "two", "sub")
    assert.is_nil(stat.lstat(home.dir .. "/two/library/device-3.lua"))
    assert.truthy(stat.lstat(home.dir .. "/two/library/own.lua"))
  end)

  it("writes what lunik knows itself where there is no QEMU, and says so", function()
    home.env[1] = "PATH=" .. home.dir
    local out, errors = home:does("types", "--to", "here")
    assert.matches("^wrote /%S+/here\nwrote .luarc.json\n", out)
    assert.matches("^lunik: only what lunik knows itself: no qemu%-system%-%S+ here\n$", errors)
    assert.is_nil(stat.lstat(home.dir .. "/here/library/device-1.lua"))
    assert.truthy(stat.lstat(home.dir .. "/here/library/qemu.lua"))
    assert.same({ 1, "", "lunik types: no qemu-system-nowhere here\n" },
      { home:lunik("types", "--qemu", "qemu-system-nowhere") })
    assert.same({ 1, "", "lunik types: nowhere: no such folder\n" },
      { home:lunik("types", "nowhere") })
  end)

  it("says why where nothing can be written", function()
    scratch.write(home.dir .. "/file", "")
    local status, out, errors = home:lunik("types", "--qemu", BINARY, "--to", "file/in")
    assert.same({ 1, "", "lunik types: " .. "mkdir " .. home.dir
      .. "/file/in: Not a directory\n" }, { status, out, errors })
  end)
end)
