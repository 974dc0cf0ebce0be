-- SPDX-License-Identifier: MIT
-- busted's output: a line per file and per slow case as they end, failures where they
-- happen, and at last `N passed, N failed`. A pending case did not pass, and a run of no
-- case at all fails. scripts/specs, which runs many of these, has the sums in a file of its
-- own (SPEC_RESULTS): how many passed, and a line for each that failed.
local busted = require "busted"
local base = require "busted.outputHandlers.base"

local function say(text, ...)
  io.stdout:write(text:format(...), "\n")
  io.stdout:flush()
end

local results = os.getenv "SPEC_RESULTS"

local function text(message)
  if type(message) == "table" then message = message.message or message end
  return tostring(message or "pending")
end

return function()
  local report = base()
  local passed, failed, failing = 0, 0, {}
  local file = {}

  local function fail(element, message, trace)
    failed, file.failed = failed + 1, (file.failed or 0) + 1
    local name = report.getFullName(element)
    -- what a task raised comes from the loop: the case itself is nearer
    if not (trace and trace.short_src or ""):find "_spec" then trace = element.trace end
    local at = trace and trace.short_src
      and ("%s:%d"):format(trace.short_src, trace.currentline) or element.descriptor
    failing[#failing + 1] = ("%s: %s"):format(at, name)
    say("FAILED %s: %s\n  %s", at, name, (text(message):gsub("\n", "\n  ")))
  end

  function report.file_start(element)
    file = { name = element.name, passed = 0, failed = 0 }
    return nil, true
  end

  function report.file_end(element)
    say("%-40s %4d passed%s  %.1f s", file.name, file.passed,
      file.failed > 0 and (", %d failed"):format(file.failed) or "", element.duration)
    return nil, true
  end

  function report.test_end(element, _, status)
    if status == "success" then
      passed, file.passed = passed + 1, file.passed + 1
    elseif status == "pending" then
      fail(element, "pending", element.trace)
    end
    if element.duration > 1 then
      say("  %.1f s  %s", element.duration, report.getFullName(element))
    end
    return nil, true
  end

  function report.problem(element, _, message, trace)
    fail(element, message, trace or element.trace)
    return nil, true
  end

  local function sum_up()
    if #failing > 0 then say("\n%s", table.concat(failing, "\n")) end
    say("%d passed, %d failed", passed, failed)
  end

  local function hand_over(path)
    local out <close> = assert(io.open(path, "w"))
    out:write(passed, "\n")
    for _, line in ipairs(failing) do out:write((line:gsub("\n", " ")), "\n") end
  end

  function report.exit()
    if results then hand_over(results) else sum_up() end
    if failed > 0 or passed == 0 then os.exit(1, true) end
    return nil, true
  end

  function report:subscribe(options)
    self.options = options
    busted.subscribe({ "file", "start" }, self.file_start)
    busted.subscribe({ "file", "end" }, self.file_end)
    busted.subscribe({ "test", "end" }, self.test_end)
    busted.subscribe({ "failure" }, self.problem)
    busted.subscribe({ "error" }, self.problem)
    busted.subscribe({ "exit" }, self.exit)
  end

  return report
end
