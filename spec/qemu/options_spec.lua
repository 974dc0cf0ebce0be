-- SPDX-License-Identifier: MIT
-- Every option's row against exact text, against its own inverse, and against QEMU's list.
-- spec/options/OPTION.lua holds cases: { args, text, try = what a real QEMU needs beside it,
-- or why it cannot be tried here }.
local core = require "lunik.core"
local keys = require "lunik.qemu.keys"
local flat = require "lunik.qemu.flat"
local qemu = require "lunik.qemu"
local run = require "support.run"

local function cases_of(name)
  local chunk = loadfile("spec/options/" .. name .. ".lua")
  return chunk and chunk() or {}
end

local function problems_of(name, args)
  local problems = {}
  qemu.check(name, args, function(key, why)
    problems[#problems + 1] = tostring(key) .. ": " .. why
  end)
  return problems
end

-- What an option renders to: the text behind it, or "" for none.
local function rendered(name, args)
  local entry = assert(qemu.entry(name, args))
  if entry.verbatim then return entry.verbatim end
  return assert(core.argv.render { entry })[2] or ""
end

describe("option", function()
  for _, row in ipairs(qemu.list()) do
    local name = row[1]

    it("-" .. name .. " renders as its cases say, and is read back", function()
      local cases = cases_of(name)
      assert.is_true(#cases > 0, "no spec/options/" .. name .. ".lua")
      for _, case in ipairs(cases) do
        local text = case[2] or ""
        assert.same({}, problems_of(name, case[1]), text)
        assert.equal(text, rendered(name, case[1]))
        local args = assert(qemu.read(name, text))
        assert.equal(text, rendered(name, args))
      end
    end)

    it("-" .. name .. " has a case for every key", function()
      local seen = {}
      for _, case in ipairs(cases_of(name)) do
        local form = keys.form(row, case[1])
        if case[1][1] ~= nil and row.implied then seen[row.implied] = true end
        for _, pair in ipairs(flat.pairs(row, case[1])) do
          local found = keys.find(row, form, keys.spelling(row, form, pair[1]))
          if found then seen[found] = true end
        end
      end
      local missing = {}
      for _, key in ipairs(row.keys or {}) do
        if not seen[key] and not seen[key[1]] then missing[#missing + 1] = key[1] end
      end
      for form, list in pairs(row.by or {}) do
        for _, key in ipairs(list) do
          if not seen[key] then missing[#missing + 1] = form .. " " .. key[1] end
        end
      end
      table.sort(missing)
      assert.same({}, missing)
    end)
  end

  it("has a row for everything in the installed QEMU's -help", function()
    local known, missing, count = {}, {}, 0
    for _, row in ipairs(qemu.list()) do
      known[row[1]] = true
      for _, alias in ipairs(row.aliases or {}) do known[alias] = true end
    end
    local text = run.output { argv = { "qemu-system-x86_64", "-help" }, path = true,
      env = { "PATH=" .. os.getenv "PATH" } }
    for line in text:gmatch "[^\n]+" do
      -- "-fda/-fdb file", "-m [size=]megs", "-h or -help"
      local head = line:match "^%-%S[^ ]*.-  " or line:match "^%-%S+" or ""
      for name in head:gmatch "%-%-?([%a][%w_-]*)" do
        if line:find("^%-" .. name:gsub("%p", "%%%0")) or head:find("/-" .. name, 1, true) then
          count = count + 1
          if not known[name] then missing[#missing + 1] = name end
        end
      end
    end
    assert.same({}, missing)
    assert.is_true(count > 100, count)
  end)
end)
