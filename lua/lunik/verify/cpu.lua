-- SPDX-License-Identifier: MIT
-- CPU models and their features.
local sorted = require "lunik.text.sorted"
local suggest = require "lunik.text.suggest"
local value = require "lunik.verify.value"

local special = { help = true, host = true, max = true }

local function model(entry, name, known, report)
  local section = known:section("cpu", name)
  if section or special[name] then return section end
  -- s390x and ARM know models by their type's names too
  if known:section("device", name) or known:section("abstract", name) then return nil end
  report:add(entry, "model", "unknown-cpu", ("QEMU %s has no CPU model '%s'%s"):format(
    known:version(), name, suggest.hint(name, known:names "cpu")))
end

-- Texts that have so many letters (target/i386/cpu.c): exactly, or at most.
local lengths = { vendor = { 12, 12 }, ["model-id"] = { 0, 48 } }

local function length(name, given)
  local least, most = table.unpack(lengths[name] or {})
  if not least or type(given) ~= "string" or #given >= least and #given <= most then return nil end
  return ("%s%d letters expected, got '%s'"):format(least < most and "at most " or "", most, given)
end

local function features(entry, known, report)
  local rows = known:properties("feature", "-")
  if not rows then return end
  local function judge(key, name, given)
    local plain = name:gsub("_", "-")
    local row = rows[plain] or rows[name]
    if row then
      local why = given ~= nil and (value.problem(row, given) or length(plain, given))
      if why then report:add(entry, key, "bad-value", why) end
    elseif not rows[name:lower()] then
      report:add(entry, key, "unknown-property", ("no CPU feature '%s'%s"):format(name,
        suggest.hint(plain, sorted(rows))))
    end
  end
  for _, key in ipairs(sorted(entry.args)) do
    judge(key, key, entry.args[key])
  end
  for i = 2, #entry.args do
    local word = entry.args[i]
    local name = type(word) == "string" and (word:match "^[+-](.+)$" or word)
    if name then judge(name, name) end
  end
end

local function enforced(entry)
  local given = entry.args.enforce
  for i = 2, #entry.args do
    if entry.args[i] == "enforce" then given = true end
  end
  return given == true or given == "on"
end

-- Features that TCG does not have, for a model that insists on them.
local function lacking(entry, section, line, report)
  local missing = section and section[1][3] or ""
  local kvm = line.by["enable-kvm"]
  for _, accel in ipairs(line:all "accel") do
    kvm = kvm or accel.args and accel.args[1] == "kvm"
  end
  if missing == "" or kvm or not enforced(entry) then return end
  local list = {}
  for name in missing:gmatch "[^,]+" do list[#list + 1] = name end
  report:add(entry, "enforce", "features", ("%s lacks here: %s%s; without 'enforce' it runs")
    :format(entry.args[1], table.concat(list, ", ", 1, math.min(6, #list)),
      #list > 6 and " …" or ""))
end

return function(line, report)
  if not line.known then return end
  for _, entry in ipairs(line:all "cpu") do
    local name = entry.args and entry.args[1]
    if type(name) == "string" then
      local section = model(entry, name, line.known, report)
      if line.arch == "x86_64" or line.arch == "i386" then
        features(entry, line.known, report)
        lacking(entry, section, line, report)
      end
    end
  end
end
