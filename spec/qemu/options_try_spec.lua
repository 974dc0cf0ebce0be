-- SPDX-License-Identifier: MIT
-- Every form of every option that spec/options shows is started with a real QEMU, several at
-- once. What cannot be tried on this machine is counted with its reason.
local qemu = require "lunik.qemu"
local loop = require "lunik.async.loop"
local trial = require "support.trial"

local workers = 3

-- { row, case } of all cases, in the rows' order.
local function all()
  local list = {}
  for _, row in ipairs(qemu.list()) do
    local chunk = loadfile("spec/options/" .. row[1] .. ".lua")
    for _, case in ipairs(chunk and chunk() or {}) do
      list[#list + 1] = { row = row, case = case }
    end
  end
  return list
end

local function try(tasks, form)
  form.why = trial.obstacle(form.row, form.case)
  if form.why then form.result = "untried" return end
  form.result, form.why, form.argv = trial.run(tasks, form.row, form.case)
end

local function try_all(forms)
  local tasks <close>, following = loop.new(), 0
  tasks:run(function()
    local running = {}
    for i = 1, workers do
      running[i] = tasks:spawn("worker " .. i, function()
        while following < #forms do
          following = following + 1
          try(tasks, forms[following])
        end
      end)
    end
    for _, worker in ipairs(running) do assert(worker:join()) end
  end)
end

describe("QEMU takes the option", function()
  local by_row, count = {}, { accepted = 0, untried = 0, absent = 0, refused = 0 }

  lazy_setup(function()
    local forms = all()
    try_all(forms)
    for _, form in ipairs(forms) do
      by_row[form.row] = by_row[form.row] or {}
      table.insert(by_row[form.row], form)
      count[form.result] = count[form.result] + 1
    end
    print(("options: %d forms, %d accepted, %d not triable here"):format(#forms, count.accepted,
      count.untried + count.absent))
  end)

  for _, row in ipairs(qemu.list()) do
    it("-" .. row[1], function()
      local refused = {}
      for _, form in ipairs(by_row[row] or {}) do
        if form.result == "refused" then
          refused[#refused + 1] = ("%s: %s"):format(form.argv, form.why)
        end
      end
      assert.equal("", table.concat(refused, "\n"))
    end)
  end
end)
