-- SPDX-License-Identifier: MIT
-- What a guest does with a disk that is about to go: one that it uses would be taken from under its
-- file systems, and it hears of that by I/O errors alone. QEMU says where in the guest's sysfs the
-- device is, the guest what stands on it: mounts, swap, device mapper and its like, open files.
local printable = require "lunik.text.printable"

local in_use = {}

local PATIENCE = 15        -- seconds for the guest
local USES, LONGEST = 6, 120

-- $1 is a pattern of paths in /sys, of what lies below the device. Prints a line for each use of a
-- block device there: what, its name, and by what. An NVMe namespace that several controllers may
-- share lies apart from them.
local SCRIPT = [[
below() {
	case $1/ in $pattern) return 0;; esac
	case $1 in */nvme-subsystem/*) ;; *) return 1;; esac
	for controller in "${1%/*}"/nvme*; do
		controller=$(cd -P "$controller" 2>/dev/null && pwd)/
		case $controller in $pattern) return 0;; esac
	done
	return 1
}
uses() {
	read -r number <"$1/dev"
	name=${1##*/}
	while read -r _ _ device _ place more; do
		case "$device ${more#* - }" in
		"$number "*|*" /dev/$name "*) echo "mount $name $place";;
		esac
	done </proc/self/mountinfo
	while read -r swap _; do
		[ "$swap" != "/dev/$name" ] || echo "swap $name"
	done </proc/swaps
	for holder in "$1"/holders/*; do
		[ ! -e "$holder" ] || echo "held $name ${holder##*/}"
	done
	for holder in /sys/fs/btrfs/*/devices/"$name"; do
		[ ! -e "$holder" ] || echo "held $name btrfs"
	done
	for holder in /sys/block/loop*/loop/backing_file; do
		[ -e "$holder" ] && read -r file <"$holder" && [ "$file" = "/dev/$name" ] || continue
		holder=${holder#/sys/block/}
		echo "held $name ${holder%%/*}"
	done
	nodes="$nodes /dev/$name "
}
openers() {
	for p in /proc/[0-9]*; do
		ls -l "$p/fd" 2>/dev/null | while read -r line; do
			case "$nodes" in
			*" ${line##* -> } "*)
				read -r name <"$p/comm"
				echo "open ${line##*/} ${p#/proc/} $name";;
			esac
		done
	done
}
main() {
	pattern=$1 nodes=
	[ -r /proc/self/mountinfo ] && [ -d /sys/class ] || { echo "no /proc and /sys" >&2; return 1; }
	for block in /sys/block/*; do
		disk=$(cd -P "$block" 2>/dev/null && pwd) && below "$disk" || continue
		for each in "$disk" "$disk/${disk##*/}"*; do
			[ ! -e "$each/dev" ] || uses "$each"
		done
	done
	[ ! "$nodes" ] || openers
	echo end
}
main "$@" </dev/null
]]

-- The device of an answer to query-pci, however far behind bridges: its address | nil
local function address(devices, id)
  for _, each in ipairs(devices) do
    if each.qdev_id == id then return ("%02x:%02x.%x"):format(each.bus, each.slot,
                                                              each["function"]) end
    local found = each.pci_bridge and address(each.pci_bridge.devices or {}, id)
    if found then return found end
  end
end

local function by_pci(context, id)
  for _, bus in ipairs(context.monitor:exec "query-pci" or {}) do
    local found = address(bus.devices, id)
    if found then return ("*/????:%s/*"):format(found) end
  end
end

-- "  Device 0.1, Port 1, Speed 480 Mb/s, Product QEMU USB HARDDRIVE, ID: stick" (hw/usb/bus.c)
local function by_usb(context, id)
  local text = context.monitor:exec("human-monitor-command", { ["command-line"] = "info usb" })
  for line in (type(text) == "string" and text or ""):gmatch "[^\r\n]+" do
    local port = line:match "Port ([%d.]+),"
    if port and line:match "ID: (.*)$" == id then return ("*/usb*/*-%s/*"):format(port) end
  end
end

local function by_scsi(context, id)
  local place = {}
  for i, name in ipairs { "channel", "scsi-id", "lun" } do
    place[i] = context.monitor:exec("qom-get", { path = "/machine/peripheral/" .. id,
                                                 property = name })
  end
  if #place < 3 then return nil end
  return ("*/virtio*/host*/target*/*:%d:%d:%d/*"):format(table.unpack(place))
end

-- Where in the guest's /sys block devices of this device of QEMU's are, a pattern | nil
local function place_of(context, id)
  return by_pci(context, id) or by_usb(context, id) or by_scsi(context, id)
end

local WORDS = {
  mount = function(disk, place) return ("%s is mounted at %s"):format(disk, place) end,
  swap = function(disk) return disk .. " is swap" end,
  held = function(disk, by) return ("%s is part of %s"):format(disk, by) end,
  open = function(disk, by)
    local pid, name = by:match "^(%d+) (.+)$"
    return ("%s (pid %s) has %s open"):format(name or by, pid or "?", disk)
  end,
}

local function cut(text) return printable(text:sub(1, LONGEST)) end

-- The uses that a guest has printed, as words: a list | nil, where it has printed something else
local function read(said)
  local list, seen, whole = {}, {}, false
  for line in said:gmatch "[^\n]+" do
    local what, name, by = line:match "^(%l+) (%S+) ?(.*)$"
    local text = WORDS[what] and WORDS[what]("/dev/" .. cut(name), cut(by))
    whole = line == "end"
    if not text and not whole then return nil end
    if text and not seen[text] and #list < USES then list[#list + 1] = text end
    seen[text or line] = true
  end
  return whole and list or nil
end

local function ask(context, pattern)
  local cannot = context.guest.silent()
  if cannot then return nil, cannot end
  local result, why = context.guest.run_script(SCRIPT, PATIENCE, { pattern })
  if not result then return nil, why end
  if result.status ~= 0 then return nil, cut(result.err:match "^[^\n]*") end
  local list = read(result.out)
  if list then return list end
  return nil, "it answers something else: " .. cut(result.out)
end

local FAMILIES = { disk = true, device = true, usb = true }

-- The ids of a device that QEMU is to delete.
local function ids(device)
  local list = {}
  for _, command in ipairs(device.remove) do
    if command.execute == "device_del" then list[#list + 1] = command.arguments.id end
  end
  return list
end

-- Asks the guest whether it can do without a device: true | nil, why, code. One that cannot be
-- asked about a disk is not taken to agree.
function in_use.ask(context, device)
  if not FAMILIES[device.family] then return true end
  for _, id in ipairs(ids(device)) do
    local pattern = place_of(context, id)
    local list, why = {}, nil
    if pattern then list, why = ask(context, pattern) end
    if not list and device.family == "disk" then
      return nil, ("%s: the guest cannot be asked whether it uses it: %s; --force takes it all the "
        .. "same"):format(device.label, why), "unreachable"
    elseif list and #list > 0 then
      return nil, ("%s: the guest uses it: %s; --force takes it all the same"):format(device.label,
        table.concat(list, ", ")), "busy"
    end
  end
  return true
end

return in_use
