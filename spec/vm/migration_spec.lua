-- How QEMU is handed the file of its state, and in which form it writes memory there.
local errno = require "posix.errno"
local fcntl = require "posix.fcntl"
local migration = require "lunik.vm.migration"
local scratch = require "support.scratch"
local unistd = require "posix.unistd"

local ACCESS = fcntl.O_RDONLY | fcntl.O_WRONLY | fcntl.O_RDWR

describe("the state of a machine", function()
  local dir, fd, vm, said
  before_each(function()
    dir = scratch.new()
    fd = assert(fcntl.open(dir .. "/state", fcntl.O_RDWR | fcntl.O_CREAT, 384))
  end)
  after_each(function()
    unistd.close(fd)
    scratch.remove(dir)
  end)

  -- A QEMU that answers, and knows these capabilities.
  local function qemu(...)
    local answers = { ["add-fd"] = { ["fdset-id"] = 3, fd = 9 }, ["query-migrate-capabilities"] =
      {} }
    for i, name in ipairs { ... } do
      answers["query-migrate-capabilities"][i] = { capability = name, state = false }
    end
    said = {}
    local monitor = {}
    function monitor.exec(_, command, arguments, _, more)
      if command == "query-migrate-capabilities" then return answers[command] end
      local line = { command, arguments and (arguments.uri or arguments["fdset-id"]) }
      for _, each in ipairs(arguments and arguments.capabilities or {}) do
        line[#line + 1] = ("%s=%s"):format(each.capability, each.state)
      end
      for _, each in ipairs(more and more.fds or {}) do
        line[#line + 1] = fcntl.fcntl(each, fcntl.F_GETFL) & ACCESS
      end
      said[#said + 1] = line
      if command:find "^migrate" and arguments.uri then vm.migrated = "completed" end
      return answers[command] or {}
    end
    vm = { monitor = monitor, loop = { now = function() return 0 end },
           moved = { wait = function() return nil, "late", errno.ETIMEDOUT end } }
    return vm
  end

  it("has memory at places of its own where no QEMU of before could have to read it", function()
    assert.is_false(migration.is_mapped(qemu "x-ignore-shared", "pc-q35-10.0"))
    local new = qemu("x-ignore-shared", "mapped-ram")
    for board, is_mapped in pairs { ["pc-q35-10.0"] = true, ["virt-9.1"] = true,
        ["pc-q35-8.2"] = false, ["pc-i440fx-2.12"] = false, microvm = false } do
      assert.equal(is_mapped, migration.is_mapped(new, board))
    end
  end)

  it("goes by a descriptor to a QEMU that knows no better", function()
    assert.is_true(migration.save(qemu "x-ignore-shared", fd, { kept = true, mapped = false }))
    assert.same({ { "migrate-set-capabilities", "events=true", "x-ignore-shared=true" },
      { "migrate-set-parameters" }, { "getfd", fcntl.O_RDWR },
      { "migrate", "fd:lunik-state" } }, said)
    assert.is_true(migration.load(qemu "x-ignore-shared", fd, { kept = true, mapped = false }))
    assert.same({ "migrate-incoming", "fd:lunik-state" }, said[3])
  end)

  it("goes by a file, open as it is wanted, to one that does", function()
    local how = { kept = false, mapped = true }
    assert.is_true(migration.save(qemu "mapped-ram", fd, how))
    assert.same({ { "migrate-set-capabilities", "events=true", "x-ignore-shared=false",
      "mapped-ram=true" }, { "migrate-set-parameters" }, { "add-fd", fcntl.O_WRONLY },
      { "migrate", "file:/dev/fdset/3" }, { "remove-fd", 3 } }, said)
    assert.is_true(migration.load(qemu "mapped-ram", fd, how))
    assert.same({ { "add-fd", fcntl.O_RDONLY }, { "migrate-incoming", "file:/dev/fdset/3" } },
                { said[2], said[3] })
  end)

  it("is not to be had where QEMU refuses it", function()
    qemu "mapped-ram"
    function vm.monitor.exec(_, command)
      if command == "query-migrate-capabilities" then return { { capability = "mapped-ram" } } end
      if command == "add-fd" then return nil, "no more descriptors" end
      return {}
    end
    assert.same({ nil, "the state cannot be written: add-fd: no more descriptors" },
                { migration.save(vm, fd, { kept = false, mapped = true }) })
  end)
end)
