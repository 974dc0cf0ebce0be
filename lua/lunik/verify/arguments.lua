-- SPDX-License-Identifier: MIT
-- The keys and values of each option, by its row.
local flat = require "lunik.qemu.flat"
local keys = require "lunik.qemu.keys"
local qemu = require "lunik.qemu"
local sorted = require "lunik.text.sorted"
local suggest = require "lunik.text.suggest"
local truth = require "lunik.qemu.truth"
local value = require "lunik.verify.value"

-- Options whose forms a build lists itself.
local listed = { netdev = true, chardev = true, audiodev = true, display = true, accel = true }

-- Whether the binary has a form that no row knows.
local function by_binary(entry, line)
  if not line.known or not listed[entry.name] or not entry.form then return false end
  for _, name in ipairs(line.known:backends(entry.name)) do
    if name == entry.form and not (entry.row.by or {})[name] then return true end
  end
  return false
end

-- Which of all names an option's key may have in this QEMU's own eyes: those of its schema are
-- looked at by the rule of members.
local by_schema = { netdev = true, blockdev = true }

-- Words that stand for others.
local meant = { x11 = "gtk", tap0 = "tap", ["local"] = "localtime", qcow = "qcow2",
  restart = "reset", reboot = "reset", halt = "poweroff", quit = "poweroff" }

-- The words that a kind names, in its list or in what it expects.
local function words_of(found)
  local kind = found and found.kind
  if not kind then return {} end
  if kind.names then return kind.names end
  local list = {}
  for word in tostring(kind.expects):gmatch "%f[%w][%w_-]+%f[^%w_-]" do
    if #word > 2 then list[#list + 1] = word end
  end
  return list
end

-- Whether the letters of a word stand in another in their order.
local function within(word, other)
  local at = 1
  for char in word:gmatch "." do
    at = other:find(char, at, true)
    if not at then return false end
    at = at + 1
  end
  return true
end

-- The nearest right value, where the row's own text has none.
local function with_hint(why, found, given)
  if why:find "did you mean" or type(given) ~= "string" and type(given) ~= "number" then
    return why
  end
  local kind = found and found.kind.name
  if kind == "on_off" or kind == "on_off_or" then return why .. value.truth(given) end
  local list, text = words_of(found), tostring(given)
  for _, word in ipairs(list) do
    if word == meant[text] or #text > 2 and word:sub(1, #text) == text:lower() then
      return ("%s; did you mean '%s'?"):format(why, word)
    end
  end
  local hint = suggest.hint(text, list)
  for _, word in ipairs(hint == "" and #text > 2 and list or {}) do
    if within(text:lower(), word) then return ("%s; did you mean '%s'?"):format(why, word) end
  end
  return why .. hint
end

local function row_of(entry, key)
  return keys.find(entry.row, entry.form, keys.spelling(entry.row, entry.form, key))
end

local function by_row(entry, line, report)
  local implied = entry.row.implied
  qemu.check(entry.name, entry.args, function(key, why, code)
    code = code or "bad-value"
    local name = type(key) == "string" and key or key == 1 and implied or nil
    if code == "unknown-key" and by_schema[entry.name] and line.known then return end
    local given = key and entry.args[key]
    local found = name and row_of(entry, name)
    -- nothing, where an id may be
    if given == "" and found and (found.ref or found.kind.ref) then return end
    if code == "bad-value" then
      if key == 1 and entry.row.by then
        local other = meant[tostring(given)]
        if other and entry.row.by[other] and not why:find "did you mean" then
          why = ("%s; did you mean '%s'?"):format(why, other)
        end
      else
        why = with_hint(why, found, given)
      end
    end
    report:add(entry, name, code, why)
  end)
end

-- Keys with an underscore where QEMU has a dash. A recipe may write them so, a command line not;
-- -machine turns them itself, and -cpu on x86.
local function spellings(entry, list, report)
  if entry.name == "machine" or entry.name == "cpu" or entry.row.open then return end
  for _, pair in ipairs(list) do
    local key = pair[1]
    local dashed = keys.spelling(entry.row, entry.form, key)
    if dashed ~= key and not by_schema[entry.name] then
      report:add(entry, key, "unknown-key", ("no such key '%s'; did you mean '%s'?"):format(key,
        dashed))
    end
  end
end

-- on, off or another word: QEMU takes no other words for the truth there.
local function other_truths(entry, list, report)
  for _, pair in ipairs(list) do
    local given = pair[2]
    local odd = type(given) == "string" and truth[given] ~= nil and given ~= "on" and given ~= "off"
    local found = odd and row_of(entry, pair[1])
    if found and found.kind.name == "on_off_or" then
      report:add(entry, pair[1], "bad-value", ("%s expected, got '%s'%s"):format(
        found.kind.expects, given, value.truth(given)))
    end
  end
end

-- A form that is told by a key of its own, and that there is not.
local function forms(entry, line, report)
  local row = entry.row
  if not row.discriminator or not entry.form or row.by[entry.form] or row.open_first then return end
  if entry.name == "blockdev" and line.known then return end
  report:add(entry, row.discriminator, "bad-value", ("no %s '%s'%s"):format(row.discriminator,
    entry.form, suggest.hint_or_all(entry.form, sorted(row.by), 20)))
end

-- The rows of lunik.verify.conditions by their options.
local conditions_of = {}
for _, row in ipairs(require "lunik.verify.conditions") do
  conditions_of[row[1]] = conditions_of[row[1]] or {}
  table.insert(conditions_of[row[1]], row)
end

-- What QEMU asks of keys together.
local function conditions(entry, report)
  for _, row in ipairs(conditions_of[entry.name] or {}) do
    if (row[2] == nil or row[2] == entry.form) and not entry.json then
      local key, code, why = row[3](entry.args, entry)
      if key then report:add(entry, key ~= entry.name and key or nil, code, why) end
    end
  end
end

-- The screen of -vnc is written with a colon (ui/vnc.c).
local function screen(entry, report)
  local first = entry.name == "vnc" and entry.args and entry.args[1]
  if first and first ~= "none" and not tostring(first):find ":" then
    report:add(entry, "vnc", "bad-value", ("'%s' is no display%s"):format(first,
      tostring(first):find "^%d+$" and ("; did you mean ':%s'?"):format(first) or ""))
  end
end

-- Words of an option's own, whatever drivers there are (softmmu/vl.c:vga_interfaces,
-- hw/usb/bus.c:usbdevice_create).
local own_words = { vga = "card", usbdevice = "USB device" }

local function word(entry, report)
  local what = own_words[entry.name]
  local first = what and entry.args and entry.args[1]
  local names = first and entry.row.kind.names or {}
  for _, name in ipairs(names) do
    if name == first or first == "help" then return end
  end
  if first then
    report:add(entry, entry.name, "bad-value", ("no %s '%s'%s"):format(what, first,
      suggest.hint_or_all(tostring(first), names, 12)))
  end
end

-- What -d logs: other versions have other items, so only what is nearly one of them is wrong.
local function items(entry, report)
  if entry.name ~= "d" then return end
  local names, there = entry.row.kind.names, {}
  for _, name in ipairs(names) do there[name] = true end
  for item in tostring(entry.text):gmatch "[^,]+" do
    local hint = not there[item] and not item:find "^trace:" and suggest.hint(item, names) or ""
    if hint ~= "" then
      report:add(entry, item, "bad-value", ("no item '%s' to log%s"):format(item, hint))
    end
  end
end

local LONGEST_SOCKET = 107 -- unix(7): sun_path, without its NUL

local function sockets(entry, report)
  local text = entry.text or ""
  local path = entry.form == "socket" and entry.args and entry.args.path
    or entry.row.grammar == "chardev" and text:match "^unix:([^,]*)"
    or entry.name == "vnc" and text:match "^unix:([^,]*)"
  if type(path) == "string" and #path > LONGEST_SOCKET then
    report:add(entry, "path", "socket-long", ("the path of a socket has %d bytes, at most %d")
      :format(#path, LONGEST_SOCKET))
  end
end

-- A port of the host that is forwarded twice.
local function forwards(line, report)
  local seen = {}
  for _, entry in ipairs(line) do
    local list = entry.args and (entry.name == "netdev" or entry.name == "nic")
      and entry.args.hostfwd
    for _, text in ipairs(type(list) == "table" and list or { list }) do
      local protocol, address, port = tostring(text):match "^(%a*):([^:]*):(%d+)%-"
      local id = port and port ~= "0" and (protocol == "" and "tcp" or protocol) .. " " .. port
      if not port and tostring(text):find "^%a*:%d+%-" then
        report:add(entry, "hostfwd", "bad-value", ("'%s' lacks the host's address; did you mean "
          .. "'%s'?"):format(text, (text:gsub(":", "::", 1))))
      elseif id and seen[id] and (seen[id] == address or address == "" or seen[id] == "") then
        report:add(entry, "hostfwd", "already-used", ("hostfwd takes the host's port %s twice")
          :format(id))
      end
      if id then seen[id] = address end
    end
  end
end

-- Keys that stood more than once, of which reading has kept one.
local function repeated(entry, report)
  for _, note in ipairs(entry.notes or {}) do
    local key = note:match "^(%S+) stood %d+ times"
    if key then report:add(entry, key, "repeated-key", note) end
  end
end

return function(line, report)
  forwards(line, report)
  for _, entry in ipairs(line) do
    if entry.why and entry.text:find "^unix:.*fd=%d" then
      -- a descriptor in the place of a path, which no recipe can say
      entry.text = nil
    elseif entry.why then
      local code = entry.why:find "^QEMU takes no notice" and "ignored" or "unreadable"
      report:add(entry, nil, code, entry.why)
    elseif entry.args and not by_binary(entry, line) then
      repeated(entry, report)
      by_row(entry, line, report)
      local list = flat.pairs(entry.row, entry.args)
      spellings(entry, list, report)
      other_truths(entry, list, report)
      forms(entry, line, report)
      screen(entry, report)
      conditions(entry, report)
      word(entry, report)
      items(entry, report)
      sockets(entry, report)
    end
  end
end
