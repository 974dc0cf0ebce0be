-- SPDX-License-Identifier: MIT
-- Options that cannot stand beside each other, a row each: { one, other, when(line) | nil, why }.
local function has_key(line, option, key)
  for _, entry in ipairs(line:all(option)) do
    if entry.args and line.value(entry, key) ~= nil then return entry end
  end
end

local rows = {
  -- only where it leaves something on the terminal (softmmu/vl.c)
  { "nographic", function(line)
      return line:last "daemonize" and not line:last "nodefaults"
        and not (line:last "serial" and line:last "monitor" and line:last "parallel")
    end,
    "'nographic' cannot be combined with 'daemonize'" },
  { "mem-path", function(line) return has_key(line, "machine", "memory-backend") end,
    "'mem-path' cannot be combined with machine's 'memory-backend'" },
  { "curses", function(line) return line:last "daemonize" end,
    "'curses' cannot be combined with 'daemonize'" },
  { "loadvm", function(line) return line:last "incoming" end,
    "'loadvm' cannot be combined with 'incoming'" },
  { "preconfig", function(line) return line:last "incoming" end,
    "'preconfig' cannot be combined with 'incoming'" },
}

-- -append and -initrd mean something to a kernel only (hw/core/machine.c).
local function without_kernel(line, report)
  if line:last "kernel" or has_key(line, "machine", "kernel") or line.open then return end
  for _, name in ipairs { "append", "initrd" } do
    local entry = line:last(name)
    if entry then
      report:add(entry, nil, "exclusive", ("'%s' needs -kernel"):format(name))
    end
  end
end

local function on_terminal(line, report)
  local daemon = line:last "daemonize"
  if not daemon then return end
  for _, entry in ipairs(line) do
    if (entry.name == "serial" or entry.name == "monitor" or entry.name == "qmp")
      and entry.text and entry.text:find "^m?o?n?:?stdio" then
      report:add(entry, nil, "exclusive", ("'%s stdio' cannot be combined with 'daemonize'"):format(
        entry.name))
    end
  end
end

-- Where the content of a file of fw_cfg comes from: exactly one (softmmu/vl.c:parse_fw_cfg).
local function contents(line, report)
  for _, entry in ipairs(line:all "fw_cfg") do
    local count = 0
    for _, key in ipairs { "file", "string", "gen_id" } do
      if entry.args and entry.args[key] ~= nil then count = count + 1 end
    end
    if entry.args and count ~= 1 and (entry.args.name or entry.args[1]) then
      report:add(entry, "file", "exclusive", ("exactly one of file, string and gen_id is needed, "
        .. "and there %s"):format(count == 0 and "is none" or "are " .. count))
    end
  end
end

-- A snapshot lies in a disk's image.
local disks = { "drive", "blockdev", "hda", "hdb", "hdc", "hdd", "fda", "sd", "pflash" }

local function snapshot(line, report)
  local entry = line:last "loadvm"
  if not entry or line.open then return end
  for _, name in ipairs(disks) do
    if line:last(name) then return end
  end
  report:add(entry, nil, "exclusive", "'loadvm' needs a disk that holds the snapshot")
end

-- Who reads what is typed: only one can.
local function one_reader(line, report)
  local first
  for _, entry in ipairs(line) do
    local reads = entry.text and (entry.text:find "^stdio" or entry.text:find "^mon:stdio")
      or entry.name == "chardev" and entry.form == "stdio"
    if reads and entry.row and (entry.row.grammar == "chardev" or entry.name == "chardev") then
      if first then
        report:add(entry, nil, "exclusive", ("stdio is used by '%s' already"):format(first.name))
      end
      first = first or entry
    end
  end
end

-- -set reaches what -device and others define with an id, but nothing that is JSON.
local function set(line, report)
  for _, entry in ipairs(line:all "set") do
    local group, id = tostring(entry.text or ""):match "^([^.=]+)%.([^.=]+)%."
    for _, other in ipairs(group and line:all(group) or {}) do
      if other.args and other.args.id == id and other.json then
        report:add(entry, nil, "dangling-reference",
          ("%s '%s' is written in JSON, and -set cannot reach it"):format(group, id))
      end
    end
  end
end

return function(line, report)
  for _, row in ipairs(rows) do
    local entry = line:last(row[1])
    if entry and row[2](line) then report:add(entry, nil, "exclusive", row[3]) end
  end
  without_kernel(line, report)
  on_terminal(line, report)
  contents(line, report)
  one_reader(line, report)
  snapshot(line, report)
  set(line, report)
end
