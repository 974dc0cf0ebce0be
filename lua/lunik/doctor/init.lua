-- SPDX-License-Identifier: MIT
-- What this host can and cannot do for machines. A check is a file that returns
--   { name, doc, look = function(host, say) … end }
-- and says what it finds: say(verdict, text, mend | nil), where the verdict is "ok", "warn"
-- (something cannot be had, or is slow) or "fail" (machines cannot run), and `mend` is a command to
-- type. It looks and tries, and changes nothing. `host` is as in lunik.host. Extensions
-- (lunik.extensions) may have checks too.
local extensions = require "lunik.extensions"
local host = require "lunik.host"

local doctor = {}

-- In the order in which they are told.
doctor.own = { "lunik", "qemu", "kvm", "images", "runtime", "state", "limits", "hugepages", "ssh",
  "virtiofsd", "namespaces", "bridge", "passt", "vhost", "firmware", "swtpm", "mtools",
  "extensions" }

local own = {}
for _, name in ipairs(doctor.own) do own[name] = true end
extensions.own("doctor", function(name) return own[name] ~= nil end)

-- The check of an extension; one that cannot be loaded fails.
local function extension(name)
  local row, why = extensions.row("doctor", name)
  if row then return { name = name, doc = tostring(row.doc or name), look = row.look } end
  return { name = name, doc = name, look = function(_, say) say("fail", why) end }
end

-- All checks, in their order.
function doctor.checks()
  local list = {}
  for i, name in ipairs(doctor.own) do list[i] = require("lunik.doctor." .. name) end
  for _, name in ipairs(extensions.claimed "doctor") do list[#list + 1] = extension(name) end
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
