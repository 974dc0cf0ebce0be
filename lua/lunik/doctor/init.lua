-- SPDX-License-Identifier: MIT
-- What this host can and cannot do for machines. A check is a file that returns
--   { name, doc, look = function(host, say) … end }
-- and says what it finds: say(verdict, text, mend | nil), where the verdict is "ok", "warn"
-- (something cannot be had, or is slow) or "fail" (machines cannot run), and `mend` is a command to
-- type. It looks and tries, and changes nothing. `host` is as in lunik.host. Files in
-- lunik/ext/doctor/ of Lua's path are checks too.
local host = require "lunik.host"
local sorted = require "lunik.text.sorted"

local doctor = {}

-- In the order in which they are told.
doctor.own = { "lunik", "qemu", "kvm", "images", "runtime", "state", "limits", "hugepages", "ssh",
  "virtiofsd", "namespaces", "bridge", "passt", "vhost", "firmware", "swtpm", "mtools" }

local EXTENSIONS = "lunik.ext.doctor."

local function names_in(folder, into)
  for _, file in ipairs(host.list(folder)) do
    local name = file:match "^([%w_-]+)%.lua$"
    if name then into[name] = true end
  end
end

-- The names of the checks of extensions. Lua's path has absolute folders alone (bin/lunik).
local function extensions()
  local found = {}
  for template in package.path:gmatch "[^;]+" do
    local folder = template:match "^(/.*)/%?%.lua$"
    if folder then names_in(folder .. "/lunik/ext/doctor", found) end
  end
  return sorted(found)
end

-- The check of an extension; one that cannot be loaded fails.
local function extension(name)
  local ok, row = pcall(require, EXTENSIONS .. name)
  if ok and type(row) == "table" and type(row.look) == "function" then
    return { name = name, doc = tostring(row.doc or name), look = row.look }
  end
  local why = ok and "it returns no check: { doc =, look = function(host, say) … end } expected"
    or tostring(row):match "^[^\n]*"
  return { name = name, doc = name, look = function(_, say) say("fail", why) end }
end

-- All checks, in their order.
function doctor.checks()
  local list, own = {}, {}
  for i, name in ipairs(doctor.own) do
    list[i], own[name] = require("lunik.doctor." .. name), true
  end
  for _, name in ipairs(extensions()) do
    if not own[name] then list[#list + 1] = extension(name) end
  end
  return list
end

local VERDICTS = { ok = true, warn = true, fail = true }

-- What one check finds: a list of { check, verdict, text, mend }.
local function look(check, on)
  local found = {}
  local function say(verdict, text, mend)
    assert(VERDICTS[verdict], "a verdict is ok, warn or fail")
    found[#found + 1] = { check = check.name, verdict = verdict, text = tostring(text),
                          mend = mend and tostring(mend) or nil }
  end
  local ok, why = pcall(check.look, on, say)
  if not ok then say("fail", "the check itself failed: " .. tostring(why)) end
  return found
end

-- What all checks find, or those of a list, on this host or on `on`; and whether none has failed.
function doctor.look(checks, on)
  local list, well = {}, true
  for _, check in ipairs(checks or doctor.checks()) do
    for _, one in ipairs(look(check, on or host)) do
      list[#list + 1], well = one, well and one.verdict ~= "fail"
    end
  end
  return list, well
end

return doctor
