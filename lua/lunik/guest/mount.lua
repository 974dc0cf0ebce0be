-- SPDX-License-Identifier: MIT
-- Boot mounts inside the guest: mounted where the recipe says unless they are there
-- already, and believed only when the guest's own list shows them.
local mount = {}

-- What `mount -t` is told; a row per type.
local types = {
  virtiofs = {},
  ["9p"] = { "trans=virtio", "version=9p2000.L", "msize=262144" },
}

local function unescape(text)
  return (text:gsub("\\(%d%d%d)", function(octal) return string.char(tonumber(octal, 8)) end))
end

-- /proc/self/mountinfo as a list of { at, type, source }, in the order of mounting.
function mount.parse(text)
  local list = {}
  for line in text:gmatch "[^\n]+" do
    local at, kind, source =
      line:match "^%d+ %d+ %S+ %S+ (%S+) .- %- (%S+) (%S+)"
    if at then
      list[#list + 1] = { at = unescape(at), type = kind, source = unescape(source) }
    end
  end
  return list
end

-- True when `spec` is what a look at the directory `at` shows: the last one mounted.
function mount.is_mounted(list, spec, at)
  local top
  for _, entry in ipairs(list) do
    if entry.at == at then top = entry end
  end
  return top ~= nil and top.type == spec.type and top.source == spec.tag
end

-- The arguments that mount it in the guest.
function mount.argv(spec)
  local options = table.move(types[spec.type], 1, #types[spec.type], 1, {})
  if spec.readonly then options[#options + 1] = "ro" end
  if spec.options then options[#options + 1] = spec.options end
  local argv = { "mount", "-t", spec.type }
  if #options > 0 then table.move({ "-o", table.concat(options, ",") }, 1, 2, 4, argv) end
  argv[#argv + 1] = spec.tag
  argv[#argv + 1] = spec.to
  return argv
end

local function tell_failure(what, result, why, code)
  if not result then return nil, why, code end
  local said = (result.err ~= "" and result.err or result.out):gsub("%s+$", "")
  local how = result.status and ("status %d"):format(result.status)
              or ("signal %s"):format(result.signal)
  return nil, ("%s: %s"):format(what, said ~= "" and said or how)
end

local function must(run, argv)
  local result, why, code = run(argv)
  if result and result.status == 0 then return result end
  return tell_failure(argv[1], result, why, code)
end

-- What the guest calls the directory: the list has no symbolic links.
local function directory(run, spec)
  local made, why, code = must(run, { "mkdir", "-p", spec.to })
  if not made then return nil, why, code end
  local real
  real, why, code = must(run, { "readlink", "-f", spec.to })
  if not real then return nil, why, code end
  return (real.out:gsub("\n$", ""))
end

local function mounted(run, spec, at)
  local result, why = must(run, { "cat", "/proc/self/mountinfo" })
  if not result then return nil, why end
  return mount.is_mounted(mount.parse(result.out), spec, at)
end

-- Mounts one share in the guest; `run(argv)` runs a program there and returns
-- { status, out, err } | nil, why, code. Returns "mounted" | "there" | nil, why, code.
function mount.perform(run, spec)
  local at, why, code = directory(run, spec)
  if not at then return nil, why, code end
  local there
  there, why = mounted(run, spec, at)
  if there then return "there" end
  if there == nil then return nil, why end
  local ok
  ok, why = must(run, mount.argv(spec))
  if not ok then return nil, why end
  there, why = mounted(run, spec, at)
  if there then return "mounted" end
  return nil, why or "mount succeeded, and the guest does not list it"
end

return mount
