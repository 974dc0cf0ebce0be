-- SPDX-License-Identifier: MIT
-- What QEMU's errors mean for whoever takes something away. A class says so where QEMU has one;
-- most of these are GenericError, and only their English says which they are.
local qemu_error = {}

-- "Chardev '%s' not found" (chardev/char.c, qmp_chardev_remove), "object '%s' not found"
-- (qom/object_interfaces.c, user_creatable_del), "File descriptor named '%s' not found" (closefd)
local NOT_FOUND = "not found"

-- "Failed to find node with node-name='%s'" (blockdev.c, qmp_blockdev_del)
local NO_NODE = "[Ff]ailed to find"

-- "Device %s is already in the process of unplug" (qdev-monitor.c, qmp_device_del)
local PENDING = "in the process of unplug"

-- "Chardev '%s' is busy" (chardev/char.c), "Node '%s' is busy: …" (block.c, bdrv_op_is_blocked)
local IS_BUSY = "busy"

-- "Node %s is in use" and "Block device %s is in use" (blockdev.c), "object '%s' is in use, can not
-- be deleted" (qom/object_interfaces.c)
local IN_USE = "in use"

local function says(why, pattern)
  return type(why) == "string" and why:find(pattern) ~= nil
end

-- Whether QEMU does not know what it was asked about. device_del and netdev_del have a class for
-- that.
function qemu_error.is_gone(why, class)
  return class == "DeviceNotFound" or says(why, NOT_FOUND) or says(why, NO_NODE)
end

-- Whether the guest has been asked already, and has not answered yet.
function qemu_error.is_pending(why) return says(why, PENDING) end

-- Whether something else of QEMU's still uses it, which may be over in a moment.
function qemu_error.is_busy(why) return says(why, IS_BUSY) or says(why, IN_USE) end

return qemu_error
