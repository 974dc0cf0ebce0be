-- The rows of events, held against what the installed QEMU says of itself.
local core = require "lunik.core"
local events = require "lunik.hook.events"
local outcome = require "lunik.vm.outcome"
local sorted = require "lunik.text.sorted"

local program = os.getenv "QEMU" or "qemu-system-x86_64"

-- QEMU's version and the entries of its schema by name, asked of one that runs no machine.
local function schema()
  local ours, theirs = assert(core.chan.pair())
  local process <close> = assert(core.proc.spawn { path = not program:find "/", env = {},
    argv = { program, "-machine", "none", "-nodefaults", "-no-user-config", "-S", "-display",
      "none", "-chardev", "socket,id=ask,fd=3", "-mon", "chardev=ask,mode=control" },
    fds = { [3] = theirs:fd() }, pdeathsig = 9 })
  theirs:close()
  local qmp <close> = assert(core.qmp.open(ours))
  assert(qmp:handshake(20))
  local version = assert(qmp:exec("query-version", nil, 20)).qemu
  local by_name = {}
  for _, entry in ipairs(assert(qmp:exec("query-qmp-schema", nil, 20))) do
    by_name[entry.name] = entry
  end
  process:signal(9)
  process:wait(5)
  return version, by_name
end

local builtin = { str = "string", int = "integer", bool = "boolean" }

local function type_of(entry)
  return builtin[entry.name] or entry["meta-type"] == "enum" and "string" or "table"
end

local function set(list)
  local out = {}
  for _, each in ipairs(list) do out[each] = true end
  return out
end

describe("events", function()
  local version, known
  setup(function() version, known = schema() end)

  -- Whether this QEMU has what a row or a member of one is about.
  local function here(of)
    local function reached(text)
      local major, minor = text:match "^(%d+)%.(%d+)$"
      major, minor = math.tointeger(major), math.tointeger(minor)
      return version.major > major or version.major == major and version.minor >= minor
    end
    return not of.only and not of.lunik and (not of.since or reached(of.since))
      and not (of.removed and reached(of.removed))
  end

  local function members_of(name)
    local out = {}
    for _, each in ipairs(known[known[name]["arg-type"]].members) do
      out[each.name] = { type = type_of(known[each.type]), optional = each.default ~= nil or nil }
    end
    return out
  end

  it("have a row for each that QEMU sends, and no other", function()
    local theirs, ours = {}, {}
    for name, entry in pairs(known) do
      if entry["meta-type"] == "event" then theirs[name] = true end
    end
    for _, row in ipairs(events.rows) do ours[row.name] = here(row) or nil end
    assert.same(sorted(theirs), sorted(ours))
  end)

  it("carry just what QEMU says they do", function()
    for _, row in ipairs(events.rows) do
      if here(row) then
        local ours = {}
        for _, each in ipairs(row.carries) do
          if here(each) then ours[each.name] = { type = each.type, optional = each.optional } end
        end
        assert.same(members_of(row.name), ours, row.name)
      end
    end
  end)

  it("know the words of QEMU's lists of words", function()
    for _, row in ipairs(events.rows) do
      for _, each in ipairs(here(row) and known[known[row.name]["arg-type"]].members or {}) do
        local type, ours = known[each.type], {}
        for _, one in ipairs(row.carries) do
          if one.name == each.name then ours = set(one.values or {}) end
        end
        for _, value in ipairs(type["meta-type"] == "enum" and type.values or {}) do
          assert(ours[value], ("%s.%s: %s"):format(row.name, each.name, value))
        end
      end
    end
  end)

  it("name every way in which a machine ends", function()
    for _, each in ipairs(events.find "LUNIK_ENDED".carries) do
      if each.name == "kind" then
        assert.same(sorted(outcome.kinds), sorted(set(each.values)))
      end
    end
  end)

  it("are in order, each once and explained in one line", function()
    local last = ""
    for _, row in ipairs(events.rows) do
      assert(row.lunik or last < row.name, row.name)
      assert(row.doc and not row.doc:find "\n", row.name)
      last = row.name
    end
    assert.equal(#events.rows, #sorted(set(events.names())))
  end)

  it("are loaded by nothing that runs a machine", function()
    local list <close> = assert(io.popen "grep -rl '^[^ ].*lunik.hook.events' lua/lunik")
    for path in list:lines() do
      assert(path:find "^lua/lunik/cli/" or path:find "^lua/lunik/reference/"
        or path == "lua/lunik/hook/events.lua", path)
    end
  end)

  it("are found by nearly their names, not by those of events that may come", function()
    assert.equal("; did you mean 'SHUTDOWN'?", events.nearest "SHUTDWON")
    assert.equal("; did you mean 'STOP'?", events.nearest "STPO")
    assert.equal("; did you mean 'DEVICE_DELETED'?", events.nearest "DEVICE_DELETE")
    assert.equal("", events.nearest "NETDEV_PASST_CONNECTED")
    assert.equal("", events.nearest "SLEEP")
  end)
end)
