-- SPDX-License-Identifier: MIT
-- core.options: what C renders in one pass is what Lua would have made of it.
local core = require "lunik.core"
local lunik = require "lunik"
local qemu = require "lunik.qemu"
local schema = require "lunik.qemu.schema"
local together = require "lunik.qemu.together"

describe("the schema in C", function()
  local compiled = schema.compile(qemu.list())

  local function build(row, value)
    return core.options.build(compiled, { [row[1]] = row.grammar == "flag" or value })
  end

  local function cases_of(row)
    return assert(loadfile("spec/options/" .. row[1] .. ".lua"))()
  end

  for _, row in ipairs(qemu.list()) do
    it("renders -" .. row[1] .. " as Lua does, or leaves it to Lua", function()
      for _, case in ipairs(cases_of(row)) do
        local argv = build(row, case[1])
        if argv then assert.equal(case[2] or "", argv[2] or "") end
      end
    end)
  end

  it("does most of them", function()
    local done, all = 0, 0
    for _, row in ipairs(qemu.list()) do
      for _, case in ipairs(cases_of(row)) do
        local _, left = build(row, case[1])
        done, all = done + (left and 0 or 1), all + 1
      end
    end
    assert.is_true(done > all / 3, ("%d of %d"):format(done, all))
  end)

  -- What C makes of a value, if anything, is what Lua makes of it too.
  local function hold(row, value)
    local argv, left = build(row, value)
    if not argv or left or row.grammar == "flag" then return end
    local problems, args = {}, type(value) == "table" and value or { value }
    local function report(...) problems[#problems + 1] = { ... } end
    qemu.check(row[1], args, report)
    together.check({ { row = row, args = args } }, report)
    assert.same({}, problems, table.concat(argv, " "))
    local entry = assert(qemu.entry(row[1], args))
    assert.equal(entry.verbatim or core.argv.render { entry }[2], argv[2])
  end

  local wrong = { true, false, 0, -1, 2^53 | 0, 1.5,
    "", "a b", "a,b", "on", "off", "\0", "4X", "1G", "é", "q35" }

  it("accepts no key's value that Lua refuses", function()
    for _, row in ipairs(qemu.list()) do
      for form, list in pairs(row.by or { [false] = {} }) do
        local keys = { { 1 }, { "nobodys" } }
        table.move(row.keys or {}, 1, #(row.keys or {}), #keys + 1, keys)
        table.move(list, 1, #list, #keys + 1, keys)
        for _, key in ipairs(keys) do
          for _, value in ipairs(wrong) do hold(row, { form or nil, [key[1]] = value }) end
        end
      end
    end
  end)

  it("accepts no lone value that Lua refuses", function()
    for _, row in ipairs(qemu.list()) do
      for _, value in ipairs(wrong) do hold(row, value) end
      for form in pairs(row.by or {}) do hold(row, form) end
    end
  end)

  local function left_by_c(spec)
    local argv, left = core.options.build(compiled, spec)
    assert.is_nil(argv)
    assert.truthy(lunik.argv(spec))
    return left
  end

  it("leaves what it has no room for to Lua", function()
    local device, devices, objects, options = { "x" }, {}, {}, { name = "vm", m = "1G" }
    for i = 1, 100 do
      device["k" .. i] = i
      devices[i] = { "x", id = "d" .. i }
      objects[i] = { "iothread", id = "o" .. i }
    end
    assert.equal("device", left_by_c { device = device })
    assert.equal("device", left_by_c { device = devices, object = objects })
    for _, row in ipairs(qemu.list()) do
      if row.grammar == "flag" then options[row[1]] = true end
    end
    assert.is_nil(left_by_c(options))
  end)

  it("leaves what is no table of options to Lua", function()
    for _, spec in ipairs { { [1.5] = "x" }, { 1 }, { "x", "y" }, { name = print }, { S = "no" },
      { device = { [0] = "x" } }, { device = { { [{}] = 1 } } }, { device = { "x", [true] = 1 } },
      { device = { { "x" }, "y" } }, { device = { { "x" }, [3] = { "x" } } },
      { device = { { "x" }, id = "d" } } } do
      assert.is_nil((core.options.build(compiled, spec)))
    end
    assert.has_error(function() core.options.build(compiled, "x") end)
    assert.has_error(function() core.options.build({}, {}) end)
  end)
end)
