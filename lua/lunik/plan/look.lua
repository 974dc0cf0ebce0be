-- SPDX-License-Identifier: MIT
-- Holds a plan against this host (lunik.machine.look), with the lines and fields that its options
-- come from.
local check = require "lunik.schema.check"
local place = require "lunik.plan.place"

-- What a plan has beside options, looked at as if they said it.
local rows = {
  made = { name = "made", grammar = "flag", look = "made" },
  base = { name = "base", grammar = "flag", look = "image" },
  share = { name = "share", grammar = "flag", look = "directory" },
}

local function entries(plan, machine)
  local list = {}
  for _, entry in ipairs(plan.argv) do
    if type(entry) == "table" and entry.row then
      list[#list + 1] = { row = entry.row, args = entry.args, place = place.of(entry, machine) }
    end
  end
  return list
end

-- Whether a path is of what keeps the firmware's variables, or of what these are made from.
local function is_of_firmware(machine, path)
  local boots = machine.boots
  return boots and boots.vars and (path == boots.store or path == boots.vars.path)
end

-- The device or the field that a path comes from, and where it says so.
local function place_by(machine, path)
  for _, item in ipairs(machine.items) do
    local field = item.row and place.field(item, nil, path)
    if field then
      return function() return item.at_of(field), item.family .. "." .. field end
    end
  end
  local field = is_of_firmware(machine, path) and "firmware"
  return function()
    return field and machine.written[field] or machine.at, field and "machine." .. field or nil
  end
end

-- Whether a path lies in a folder of the machine's own, which its start makes.
local function is_own(plan, path)
  return path:find(plan.runtime .. "/", 1, true) == 1 or path:find(plan.state .. "/", 1, true) == 1
end

-- Adds the files that lunik makes, with their bases, and the folders that daemons share.
local function add_others(list, plan, machine)
  for _, file in ipairs(plan.files) do
    local args = { file.path, keep = file.keep and not is_own(plan, file.path),
                   format = file.base_format }
    local where = file.keep and file.path or file.base
    list[#list + 1] = { row = rows.made, args = args, place = place_by(machine, where) }
    if file.base then
      list[#list + 1] = { row = rows.base, args = { file.base, format = file.base_format },
                          place = place_by(machine, file.base) }
    end
  end
  for _, helper in ipairs(plan.helpers) do
    local from = helper.share and helper.share.from
    if from then
      list[#list + 1] = { row = rows.share, args = { from }, place = place_by(machine, from) }
    end
  end
end

-- Whether carrying out the plan makes a path, before QEMU looks for it.
local function made_by(plan)
  local made = {}
  for _, file in ipairs(plan.files) do made[file.path] = true end
  return function(path) return made[path] or is_own(plan, path) end
end

-- Whether a code is of this host.
local function is_of_host(code)
  for _, row in ipairs(code and require "lunik.machine.look.codes" or {}) do
    if row[1] == code then return true end
  end
end

local function sorted(list, takes)
  local out = {}
  for _, problem in ipairs(list) do
    if takes(problem) then out[#out + 1] = problem end
  end
  check.sort(out)
  return out
end

-- The plan's lacks with all that is found, and a list of warnings. Where it is not `wanted`, the
-- lacks that are not this host's.
return function(plan, machine, host, wanted)
  if not wanted then
    return sorted(plan.lacks, function(lack) return not is_of_host(lack.code) end), {}
  end
  local list, found = entries(plan, machine), { table.unpack(plan.lacks) }
  add_others(list, plan, machine)
  require "lunik.machine.look".entries(list, { host = host, name = machine.named and plan.name,
    dir = plan.cwd or plan.dir, arch = plan.arch, program = plan.binary, made = made_by(plan) },
    found)
  local function is_warning(problem) return problem.severity == "warning" end
  return sorted(found, function(problem) return not is_warning(problem) end),
         sorted(found, is_warning)
end
