-- SPDX-License-Identifier: MIT
-- A plan as text for a reviewer, one line per fact: everything that `lunik plan` knows beside the
-- argv. A line begins with what it is about, then come fields in order:
--   helper fs-work share: at=/run/…/export from=/home/dev/vm readonly=false
-- What lunik adds to hold the machine is the same in every plan, and told only if asked for.
local core = require "lunik.core"
local sorted = require "lunik.text.sorted"

local function word(value)
  if type(value) ~= "string" then return tostring(value) end
  return value:find "^[%w%-%._/:,+@=%%]+$" and value or core.json.encode(value)
end

local function is_list(value) return #value > 0 end

local function words(list)
  local out = {}
  for i, each in ipairs(list) do out[i] = word(each) end
  return table.concat(out, " ")
end

local held = { ["lunik-monitor"] = true, ["lunik-qmp"] = true, ["machine-lock"] = true }

local put

-- A table inside: what is in it stands on lines of its own.
local function inner(out, about, name, value)
  if is_list(value) and type(value[1]) ~= "table" then
    out[#out + 1] = ("%s %s: %s"):format(about, name, words(value))
  elseif is_list(value) then
    for _, each in ipairs(value) do put(out, about .. " " .. name, each) end
  else
    put(out, about .. " " .. name, value)
  end
end

-- Adds the lines of one row.
function put(out, about, row, but)
  local fields, tables = {}, {}
  for _, name in ipairs(sorted(row)) do
    local value = row[name]
    if name ~= but and type(value) == "table" then
      tables[#tables + 1] = name
    elseif name ~= but then
      fields[#fields + 1] = name .. "=" .. word(value)
    end
  end
  if #fields > 0 then out[#out + 1] = ("%s: %s"):format(about, table.concat(fields, " ")) end
  for _, name in ipairs(tables) do inner(out, about, name, row[name]) end
end

local function put_all(out, what, list, key)
  for i, row in ipairs(list) do
    put(out, ("%s %s"):format(what, word(row[key] or i)), row, key)
  end
end

-- A device's helper and share have lines of their own.
local function put_devices(out, devices)
  for _, device in ipairs(devices) do
    local row = {}
    for name, value in pairs(device) do row[name] = value end
    row.helper, row.share, row.remove = device.helper and device.helper.name, nil, nil
    put(out, "device " .. word(device.id), row, "id")
    put_all(out, "unplug " .. word(device.id), device.remove, "execute")
  end
end

-- What the command line has beside the argv, and where descriptors stand in it.
local function put_live(out, plan, full)
  local seen, live = {}, assert(plan:command("live", full))
  for _, text in ipairs(assert(plan:command "paste")) do seen[text] = true end
  for i, text in ipairs(live) do
    local value = live[i + 1]
    if text:find "^%-" and value and not value:find "^%-" and not seen[value] then
      out[#out + 1] = ("live: %s %s"):format(text, word(value))
    elseif text:find "^%-" and not seen[text] then
      out[#out + 1] = "live: " .. text
    end
  end
end

local function put_descriptors(out, list, full)
  for i, row in ipairs(list) do
    local numbered = { number = i + 2 }
    for name, value in pairs(row) do numbered[name] = value end
    if full or not held[row.name] then
      put(out, "descriptor " .. word(row.name), numbered, "name")
    end
  end
end

-- plan, drawings of what comes while it runs (lunik.hotplug.draw) -> text; `full`: with
-- what holds the machine.
return function(plan, drawings, full)
  local data, out = assert(plan:data()), {}
  put_all(out, "file", data.files, "path")
  put_all(out, "helper", data.helpers, "name")
  put_descriptors(out, data.descriptors, full)
  if data.paused then out[#out + 1] = "paused" end
  if data.cwd then out[#out + 1] = "cwd: " .. word(data.cwd) end
  put_live(out, plan, full)
  put_all(out, "qmp", data.qmp, "execute")
  put_devices(out, data.devices)
  put_all(out, "forward", data.forwards, "name")
  for _, id in ipairs(data.networks) do out[#out + 1] = "network " .. id end
  put_all(out, "guest mount", data.guest.mounts, "tag")
  for _, name in ipairs { "agent", "ssh" } do put(out, "guest " .. name, data.guest[name] or {}) end
  for _, name in ipairs { "console", "logs", "ready", "stop" } do
    put(out, name, data[name] or {})
  end
  if data.life then out[#out + 1] = "life: " .. word(data.life) end
  put_all(out, "sign", data.signs or {}, "text")
  for _, note in ipairs(data.notes) do out[#out + 1] = "note: " .. note end
  for _, lack in ipairs(plan.lacks) do
    out[#out + 1] = "missing here: " .. require "lunik.schema.check".text(lack)
  end
  for _, drawing in ipairs(drawings or {}) do
    put_all(out, "plug", drawing.commands, "execute")
    put(out, "plug in the guest", drawing.guest_step or {})
    put_all(out, "unplug", drawing.remove, "execute")
  end
  return table.concat(out, "\n") .. "\n"
end
