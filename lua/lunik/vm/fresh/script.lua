-- SPDX-License-Identifier: MIT
-- Several steps in a guest by one call: each is a function of its shell, of which a line says how
-- it went, and how long it took; before it stands what it has said. They run in that one shell: to
-- start a program, or a shell, is what takes a guest's time that has just gone on. What the guest
-- says is read as if anybody had written it.
local core = require "lunik.core"
local shape = require "lunik.vm.guest.shape"

local script = {}

-- Standard input is that of the steps' one that reads it, as 3.
local BEGIN = [[
exec 3<&0 </dev/null 2>&1
cd /
step() {
  umask 022
  step_name=$1
  shift
  read -r step_begun _ </proc/uptime
  "$@"
  step_status=$?
  read -r step_ended _ </proc/uptime
  printf '\nMARK %s %s %s %s\n' "$step_name" $step_status "$step_begun" "$step_ended"
}
]]

-- Without what only people see: the guest's agent and its shell read each letter.
local function bare(text) return (text:gsub("\n +", "\n")) end

-- The text of a script, and the bytes for its input | nil. Lines of its report begin with `mark`.
function script.of(steps, mark)
  local parts, input = { (bare(BEGIN):gsub("MARK", mark)) }, nil
  for _, step in ipairs(steps) do
    local row = step.row
    if step.arguments then
      local name = "renew_" .. row.name:gsub("%W", "_")
      parts[#parts + 1] = ("%s() {\n%s}\nstep %s %s %s\n"):format(name, bare(row.script), row.name,
        name, core.argv.shell(step.arguments))
      if row.input then input = (input or "") .. row.input() end
    end
  end
  return table.concat(parts), input
end

local LINE = "^(%l[%l-]*) (%d%d?%d?) (%d+%.%d+) (%d+%.%d+)$"

local function between(begun, ended) return math.max(0, tonumber(ended) - tonumber(begun)) end

-- What such a report says of its steps, by name: { status, seconds, ended, said }
function script.read(text, mark)
  local found, said = {}, {}
  for line in text:gmatch "[^\n]+" do
    local own = line:sub(1, #mark + 1) == mark .. " "
    local name, status, begun, ended = (own and line:sub(#mark + 2) or ""):match(LINE)
    if name and not found[name] then
      found[name] = { status = tonumber(status), said = shape.shown(table.concat(said, ";")),
                      seconds = between(begun, ended), ended = tonumber(ended) }
    end
    if own then said = {} else said[#said + 1] = line end
  end
  return found
end

-- Takes into the steps what the guest has said of them; `why` it has said nothing of others.
local function take(steps, found, why)
  for _, step in ipairs(steps) do
    local one = step.arguments and found[step.row.name]
    if one then
      step.done, step.seconds, step.ended = one.status == 0, one.seconds, one.ended
      if not step.done then
        step.why = one.said ~= "" and one.said or ("exit status %d"):format(one.status)
      end
    elseif step.arguments then
      step.why = why
    end
  end
end

-- Runs the steps that have arguments, and fills in `done`, `seconds`, `ended` (since the guest's
-- boot) and `why`: a code where the guest could not be asked, or did not end in time.
function script.run(guest, steps, seconds)
  local mark = ("lunik%016x"):format(math.random(0))
  local text, input = script.of(steps, mark)
  local done, why, code, late = guest:run_as_root(text, {}, seconds, input)
  if done and done.status ~= 0 then why = shape.shown(done.err) end
  local said = done or late
  take(steps, said and script.read(said.out, mark) or {}, why or "the guest says nothing of it")
  return code
end

return script
