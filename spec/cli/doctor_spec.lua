-- `lunik doctor` as people and programs meet it, on this host.
local core = require "lunik.core"
local doctor = require "lunik.doctor"
local run = require "support.run"
local scratch = require "support.scratch"
local stdlib = require "posix.stdlib"

local program = stdlib.realpath((os.getenv "B" or "build") .. "/lunik")

describe("lunik doctor", function()
  local dir

  setup(function() dir = scratch.new() end)
  teardown(function() scratch.remove(dir) end)

  local function lunik(path, ...)
    local file <close> = assert(io.open(dir .. "/errors", "wb"))
    local text, _, status = run.output { argv = { program, "doctor", ... }, cwd = dir,
      env = { "PATH=" .. path, "HOME=" .. dir, "XDG_RUNTIME_DIR=" .. dir },
      fds = { [2] = require "posix.stdio".fileno(file) } }
    return status, text, scratch.read(dir .. "/errors")
  end

  it("tells all checks, and touches nothing", function()
    local status, text = lunik(os.getenv "PATH", "--json")
    local found, seen = core.json.decode(text), {}
    for _, one in ipairs(found.findings) do
      assert.is_true(({ ok = true, warn = true, fail = true })[one.verdict])
      seen[one.check] = true
    end
    for _, name in ipairs(doctor.own) do assert.is_true(seen[name], name) end
    assert.equal(found.ok and 0 or 1, status)
    for _, path in ipairs(scratch.list(dir)) do
      -- whether KVM works is remembered
      assert.is_true(path == "errors" or path:find "^%.cache" ~= nil, path)
    end
  end)

  it("has a failure as its exit code, and is asked for one check by name", function()
    local status, text = lunik("/nowhere", "qemu")
    assert.equal(1, status)
    assert.matches("^fail  qemu        qemu%-system%-%S+ is not in PATH\n", text)
    status, text = lunik("/nowhere", "lunik", "images")
    assert.equal(0, status)
    assert.matches("^ok    lunik       lunik %S+, Lua 5.4, luaposix %d%S+\n"
      .. "warn  images      qemu%-img is not in PATH: overlays and new images cannot be made\n",
      text)
  end)

  it("names the check that was meant", function()
    local status, text, errors = lunik("/nowhere", "kmv")
    assert.same({ 2, "", "lunik doctor: no check 'kmv'; did you mean 'kvm'?\n" },
                { status, text, errors })
  end)
end)
