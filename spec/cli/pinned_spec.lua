-- What each verb prints: its text and the form of its JSON, on a machine without a guest. Every
-- verb has its row in support.pinned. The cases share the machine, and follow each other.
local core = require "lunik.core"
local house = require "support.house"
local pinned = require "support.pinned"
local scratch = require "support.scratch"
local shape = require "support.shape"

-- Whether a verb has --json.
local function has_json(home, verb)
  return home:does(verb, "--help"):find("--json", 1, true) ~= nil
end

describe("a verb", function()
  local home

  setup(function()
    home = house.new()
    scratch.write(home.dir .. "/root.raw", ("\0"):rep(1 << 20))
    scratch.write(home.dir .. "/a.iso", ("\0"):rep(1 << 16))
    scratch.write(home.dir .. "/start.sh", "qemu-system-x86_64 -m 128M -nodefaults\n", 448)
    home:recipe("m", pinned.RECIPE)
    home:recipe("short", 'return machine { name = "short" }')
  end)
  teardown(function() home:close() end)

  local function told(row, ...)
    local status, out, errors = home:lunik(row[1], ...)
    return status, out, shape.text(errors, home)
  end

  -- The forms of all lines.
  local function forms(out)
    local list, seen = {}, {}
    for line in out:gmatch "[^\n]+" do
      local form = shape.of(assert(core.json.decode(line))):gsub("cpus number, ", "")
      if not seen[form] then list[#list + 1] = form end
      seen[form] = true
    end
    return list
  end

  local function prints(row)
    local status, out, errors = told(row, table.unpack(row[2]))
    assert.same({ row.status or 0, row.out or "", row.err or "" },
                { status, shape.text(out, home), errors })
  end

  local function prints_json(row)
    local words = { table.unpack(row[2]) }
    table.insert(words, "--json")
    local _, out = told(row, table.unpack(words))
    if row.lines then return assert.same(row.lines, forms(out)) end
    local value = assert(core.json.decode(out))
    assert.equal(1, value.lunik)
    if row.json then return assert.equal(row.json, shape.of(value)) end
    local keys = {}
    for key in pairs(value) do keys[#keys + 1] = key end
    table.sort(keys)
    assert.equal(row.json_keys, table.concat(keys, " "))
  end

  for i, row in ipairs(pinned.rows) do
    local text, json = row[2] and not row.elsewhere, row.json or row.json_keys or row.lines
    if text and not (row.lines and not row.err and not row.out) then
      it(("prints what it does: %d, %s"):format(i, row[1]), function() prints(row) end)
    end
    if json then
      it(("has the same JSON as ever: %d, %s"):format(i, row[1]), function() prints_json(row) end)
    end
    if row.elsewhere then
      it(("is pinned where it is said: %d, %s"):format(i, row[1]), function()
        assert.truthy(scratch.read(row.elsewhere):find(row.by, 1, true), row.elsewhere)
        local from = row.json_from or row.elsewhere
        assert.truthy(not row.json_by or scratch.read(from):find(row.json_by, 1, true), from)
      end)
    end
  end

  it("has a row, and one for its JSON", function()
    local text, json = {}, {}
    for _, row in ipairs(pinned.rows) do
      text[row[1]] = true
      if row.json or row.json_keys or row.lines or row.json_by then json[row[1]] = true end
    end
    local missing = {}
    for _, verb in ipairs(require "lunik.cli".verbs) do
      if not text[verb] then missing[#missing + 1] = verb end
      if has_json(home, verb) and not json[verb] then missing[#missing + 1] = verb .. " --json" end
    end
    assert.same({}, missing)
  end)
end)
