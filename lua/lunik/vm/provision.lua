-- SPDX-License-Identifier: MIT
-- Carries out a recipe's provision {}: each step in the guest by root, one after the other, once
-- for the machine's disk. What has been done is written down after each, so that one that failed is
-- gone on with; a guest without a disk of its own is another at each start.
local become = require "lunik.vm.guest.become"
local exec = require "lunik.vm.streams.exec"
local host = require "lunik.host"
local provisioned = require "lunik.store.provisioned"
local slice = require "lunik.async.slice"

local provision = {}

local LINE = 2048          -- bytes of a line that are shown
local PROGRAM = 16 << 20   -- … of a program of the host's
local SHOWN = 60           -- … of a command, where it is named

-- Runs standard input as a program: with a shell, where its first line names nothing else.
local RUN = [[
file=$(mktemp) && cat >"$file" && chmod 700 "$file" || exit
"$file" </dev/null
status=$?
rm -f "$file"
exit $status
]]

-- Hands on lines as they are finished; returns put(bytes), and what hands on the rest.
local function lines(tell)
  local rest = ""
  local function put(bytes)
    for text, ending in bytes:gmatch "([^\r\n]*)([\r\n]?)" do
      rest = (rest .. text):sub(1, LINE)
      if ending ~= "" then
        if rest ~= "" then tell(rest) end
        rest = ""
      end
    end
  end
  return put, function() put "\n" end
end

local function failed(done)
  if done.late then return done.late end
  if done.signal then return ("killed by signal %d"):format(done.signal) end
  return done.status ~= 0 and ("exited with status %d"):format(done.status) or nil
end

-- Runs a script of the guest's shell by root, and shows what it says: true | nil, why, code
local function run(vm, script, stdin)
  local argv = { "sh", "-c", script }
  if become.is_needed(vm.plan) then argv = { "sh", "-c", become.SCRIPT, "lunik", script } end
  local out, out_end = lines(function(line) vm:tell("provision", line) end)
  local err, err_end = lines(function(line) vm:tell("provision", line) end)
  local said = {}
  local done, why, code = exec.here(vm, { argv = argv, input = stdin, stdout = out,
    stderr = function(bytes)
      said[1] = bytes:sub(1, LINE)
      err(bytes)
    end })
  out_end()
  err_end()
  if not done then return nil, why, code end
  local refused = become.refused(vm.plan, { status = done.status, err = said[1] or "" })
  why = become.is_needed(vm.plan) and refused or failed(done)
  return not why or nil, why, why and "failed"
end

-- What is done for each kind of step: true | nil, why, code
local kinds = {}

function kinds.run(vm, step) return run(vm, step.run) end

function kinds.file(vm, step)
  local text, why = host.contents(step.file, PROGRAM)
  if not text then return nil, why, "missing" end
  return run(vm, RUN, text)
end

function kinds.fn(vm, step)
  local ran, answer, why = slice.call(vm.loop, nil, step.fn, vm.handle)
  if not ran then return nil, answer, "failed" end
  if answer == false or answer == nil and why ~= nil then
    return nil, tostring(why or "it said no"), "failed"
  end
  return true
end

local function kind_of(step) return step.run and "run" or step.file and "file" or "fn" end

local function name_of(step)
  if step.fn then return "its function" end
  local text = (step.run or step.file):match "^%s*([^\n]*)"
  return #text > SHOWN and text:sub(1, SHOWN) .. " …" or text
end

-- The steps of a machine's recipe, in order: { at, step, digest }. One that is written twice is
-- done twice.
local function steps_of(vm)
  local list, times = {}, {}
  for _, entry in ipairs(vm.context.hooks or {}) do
    for _, step in ipairs(entry.point == "provision" and entry.steps or {}) do
      local text = kind_of(step) .. " " .. (step.run or step.file or entry.at)
      times[text] = (times[text] or 0) + 1
      list[#list + 1] = { at = entry.at, step = step,
                          digest = provisioned.digest(("%s %d"):format(text, times[text])) }
    end
  end
  return list
end

local function carry_out(vm, list, done, keep)
  local count = 0
  for _, each in ipairs(list) do
    if not done[each.digest] then
      vm:tell("provision", "provision: " .. name_of(each.step))
      local ok, why, code = kinds[kind_of(each.step)](vm, each.step)
      if not ok then
        return nil, ("%s: provision: %s: %s; lunik provision %s goes on there"):format(each.at,
          name_of(each.step), why, vm.name), code
      end
      done[each.digest], count = true, count + 1
      ok, why = keep(done)
      if not ok then return nil, why, "failed" end
    end
  end
  return count
end

-- Does what has not been done yet, or, `again`, all of it: how many steps | nil, why, code
function provision.run(vm, again)
  local list = steps_of(vm)
  if #list == 0 then return 0 end
  if vm.provisioning then return nil, "the machine is being provisioned", "busy" end
  vm.provisioning = true
  local path, disk = vm.plan.provisioned, vm.plan.system_disk
  vm.provisioned = vm.provisioned or path and provisioned.read(path, disk) or {}
  if again then vm.provisioned = {} end
  local ran, count, why, code = pcall(carry_out, vm, list, vm.provisioned, function(done)
    return not path or provisioned.write(path, disk, done)
  end)
  vm.provisioning = false
  if not ran then error(count, 0) end
  return count, why, code
end

return provision
