-- SPDX-License-Identifier: MIT
-- Several steps in a guest by one call: each is a function of its shell, of which a line says how
-- it went, and how long it took. What the guest says is read as if anybody had written it.
local core = require "lunik.core"
local shape = require "lunik.vm.guest.shape"

local script = {}

-- Standard input is that of the steps' one that reads it, as 3.
local BEGIN = [[
exec 3<&0 </dev/null
cd /
umask 022
step() {
  name=$1; read -r begun _ </proc/uptime
  shift
  said=$("$@" 2>&1)
  status=$?
  read -r ended _ </proc/uptime
  [ $status -eq 0 ] && said= || said=$(printf %s "$said" | tr '\n\t' '; ')
  printf 'MARK %s %s %s %s %s\n' "$name" $status "$begun" "$ended" "$said"
}
]]

-- The text of a script, and the bytes for its input | nil. Lines of its report begin with `mark`.
function script.of(steps, mark)
  local parts, input = { (BEGIN:gsub("MARK", mark)) }, nil
  for _, step in ipairs(steps) do
    local row = step.row
    if step.arguments then
      local name = "renew_" .. row.name:gsub("%W", "_")
      parts[#parts + 1] = ("%s() {\n%s}\nstep %s %s %s\n"):format(name, row.script, row.name,
        name, core.argv.shell(step.arguments))
      if row.input then input = (input or "") .. row.input() end
    end
  end
  return table.concat(parts), input
end

local LINE = "^(%l[%l-]*) (%d%d?%d?) (%d+%.%d+) (%d+%.%d+) ?(.*)$"

-- What such a report says of its steps, by name: { status, seconds, said }
function script.read(text, mark)
  local found = {}
  for line in text:gmatch "[^\n]+" do
    local own = line:sub(1, #mark + 1) == mark .. " "
    local name, status, begun, ended, said = (own and line:sub(#mark + 2) or ""):match(LINE)
    if name and not found[name] then
      found[name] = { status = tonumber(status), said = shape.shown(said),
                      seconds = math.max(0, tonumber(ended) - tonumber(begun)) }
    end
  end
  return found
end

-- Takes into the steps what the guest has said of them; `why` it has said nothing of others.
local function take(steps, found, why)
  for _, step in ipairs(steps) do
    local one = step.arguments and found[step.row.name]
    if one then
      step.done, step.seconds = one.status == 0, one.seconds
      if not step.done then
        step.why = one.said ~= "" and one.said or ("exit status %d"):format(one.status)
      end
    elseif step.arguments then
      step.why = why
    end
  end
end

-- Runs the steps that have arguments, and fills in `done`, `seconds` and `why`: a code where the
-- guest could not be asked, or did not end in time.
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
