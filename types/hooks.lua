---@meta
-- Printed by `make docs` from the rows that lunik runs.

---@class lunik.event
---@field event string its name
---@field timestamp table when it came: seconds, microseconds
---@field data table

---the guest answered a hot plug by ACPI
---@class lunik.event.ACPI_DEVICE_OST: lunik.event
---@field info table device, slot, slot-type, source, status

---the balloon has another size
---@class lunik.event.BALLOON_CHANGE: lunik.event
---@field actual integer the guest's memory now, in bytes

---a block export is gone, and its id is free
---@class lunik.event.BLOCK_EXPORT_DELETED: lunik.event
---@field id string of the export

---a disk image was found to be corrupt
---@class lunik.event.BLOCK_IMAGE_CORRUPTED: lunik.event
---@field device string may be empty
---@field ["node-name"]? string of the image
---@field msg string what is wrong
---@field offset? integer where, in bytes
---@field size? integer how much, in bytes
---@field fatal boolean the image cannot be used any more

---reading or writing a disk went wrong
---@class lunik.event.BLOCK_IO_ERROR: lunik.event
---@field ["qom-path"] string of the disk's device
---@field device string may be empty
---@field ["node-name"]? string of the image
---@field operation "read"|"write" 
---@field action "ignore"|"report"|"stop" what QEMU does about it
---@field nospace? boolean the host's disk is full
---@field reason string the error's text

---a block job was cancelled
---@class lunik.event.BLOCK_JOB_CANCELLED: lunik.event
---@field type "commit"|"stream"|"mirror"|"backup"|"create"|"amend"|"snapshot-load"|"snapshot-save"|"snapshot-delete" which kind of job
---@field device string the job, or its device
---@field len integer the end of its work
---@field offset integer how far it came
---@field speed integer bytes per second at most; 0 for no limit

---a block job is over
---@class lunik.event.BLOCK_JOB_COMPLETED: lunik.event
---@field type "commit"|"stream"|"mirror"|"backup"|"create"|"amend"|"snapshot-load"|"snapshot-save"|"snapshot-delete" which kind of job
---@field device string the job, or its device
---@field len integer the end of its work
---@field offset integer how far it came
---@field speed integer bytes per second at most; 0 for no limit
---@field error? string left out where it went well

---a block job met an error
---@class lunik.event.BLOCK_JOB_ERROR: lunik.event
---@field device string the job, or its device
---@field operation "read"|"write" 
---@field action "ignore"|"report"|"stop" what QEMU does about it

---a block job waits for job-finalize
---@class lunik.event.BLOCK_JOB_PENDING: lunik.event
---@field type "commit"|"stream"|"mirror"|"backup"|"create"|"amend"|"snapshot-load"|"snapshot-save"|"snapshot-delete" which kind of job
---@field id string of the job

---a block job can be completed now
---@class lunik.event.BLOCK_JOB_READY: lunik.event
---@field type "commit"|"stream"|"mirror"|"backup"|"create"|"amend"|"snapshot-load"|"snapshot-save"|"snapshot-delete" which kind of job
---@field device string the job, or its device
---@field len integer the end of its work
---@field offset integer how far it came
---@field speed integer bytes per second at most; 0 for no limit

---a disk was written beyond the threshold that was set
---@class lunik.event.BLOCK_WRITE_THRESHOLD: lunik.event
---@field ["node-name"] string of the image
---@field ["amount-exceeded"] integer bytes beyond
---@field ["write-threshold"] integer what was set, in bytes

---fault tolerance by COLO has ended
---@class lunik.event.COLO_EXIT: lunik.event
---@field mode "none"|"primary"|"secondary" which side this is
---@field reason "none"|"request"|"error"|"processing" 

---the guest asked for another polarization of its CPUs
---@class lunik.event.CPU_POLARIZATION_CHANGE: lunik.event
---@field polarization "horizontal"|"vertical" 

---a device is gone, and its id is free
---@class lunik.event.DEVICE_DELETED: lunik.event
---@field device? string its id
---@field path string its place in the object tree

---the tray of a drive was opened or closed
---@class lunik.event.DEVICE_TRAY_MOVED: lunik.event
---@field device string may be empty
---@field id string of the drive
---@field ["tray-open"] boolean 

---the guest refused to give up a device
---@class lunik.event.DEVICE_UNPLUG_GUEST_ERROR: lunik.event
---@field device? string its id
---@field path string its place in the object tree

---a dump of the guest's memory is over
---@class lunik.event.DUMP_COMPLETED: lunik.event
---@field result table status, completed, total
---@field error? string left out where it went well

---the guest can do failover: the primary card may come
---@class lunik.event.FAILOVER_NEGOTIATED: lunik.event
---@field ["device-id"] string of the standby card

---the guest panicked and runs its crash kernel
---@class lunik.event.GUEST_CRASHLOADED: lunik.event
---@field action "pause"|"poweroff"|"run" what QEMU does about it
---@field info? table what the guest said, by its type

---the guest panicked
---@class lunik.event.GUEST_PANICKED: lunik.event
---@field action "pause"|"poweroff"|"run" what QEMU does about it
---@field info? table what the guest said, by its type

---the guest asked for its end through pvpanic
---@class lunik.event.GUEST_PVSHUTDOWN: lunik.event

---the guest's hv-balloon told its memory
---@class lunik.event.HV_BALLOON_STATUS_REPORT: lunik.event
---@field committed integer bytes in use or out of reach
---@field available integer bytes that are free

---a job has come to another state
---@class lunik.event.JOB_STATUS_CHANGE: lunik.event
---@field id string of the job
---@field status "undefined"|"created"|"running"|"paused"|"ready"|"standby"|"waiting"|"pending"|"aborting"|"concluded"|"null" 

---the guest took or gave memory of a virtio-mem device
---@class lunik.event.MEMORY_DEVICE_SIZE_CHANGE: lunik.event
---@field id? string of the device
---@field size integer what it has now, in bytes
---@field ["qom-path"] string its place in the object tree

---the host's memory failed below the guest
---@class lunik.event.MEMORY_FAILURE: lunik.event
---@field recipient "hypervisor"|"guest" whose memory it was
---@field action "ignore"|"inject"|"fatal"|"reset" what was done
---@field flags table action-required, recursive

---memory could not be unplugged
---@class lunik.event.MEM_UNPLUG_ERROR: lunik.event
---@field device string its id
---@field msg string why

---a migration has come to another state
---@class lunik.event.MIGRATION: lunik.event
---@field status "none"|"setup"|"cancelling"|"cancelled"|"active"|"postcopy-active"|"postcopy-paused"|"postcopy-recover-setup"|"postcopy-recover"|"completed"|"failed"|"colo"|"pre-switchover"|"device"|"wait-unplug" 

---a migration goes through the memory once more
---@class lunik.event.MIGRATION_PASS: lunik.event
---@field pass integer the first is 1

---a stream backend is connected
---@class lunik.event.NETDEV_STREAM_CONNECTED: lunik.event
---@field ["netdev-id"] string of the backend
---@field addr table the other end, by its type

---a stream backend lost its connection
---@class lunik.event.NETDEV_STREAM_DISCONNECTED: lunik.event
---@field ["netdev-id"] string of the backend

---a vhost-user backend is connected
---@class lunik.event.NETDEV_VHOST_USER_CONNECTED: lunik.event
---@field ["netdev-id"] string of the backend
---@field ["chardev-id"] string of its socket

---a vhost-user backend lost its connection
---@class lunik.event.NETDEV_VHOST_USER_DISCONNECTED: lunik.event
---@field ["netdev-id"] string of the backend

---the guest set what a card receives; query-rx-filter arms the next one
---@class lunik.event.NIC_RX_FILTER_CHANGED: lunik.event
---@field name? string the card's id
---@field path string its place in the object tree

---the guest was asked to power off, as by its button
---@class lunik.event.POWERDOWN: lunik.event

---a helper for persistent reservations came or went
---@class lunik.event.PR_MANAGER_STATUS_CHANGED: lunik.event
---@field id string of the manager object
---@field connected boolean 

---a quorum of disks did not agree
---@class lunik.event.QUORUM_FAILURE: lunik.event
---@field reference string the quorum's node
---@field ["sector-num"] integer where, in sectors
---@field ["sectors-count"] integer how many

---one disk of a quorum went wrong
---@class lunik.event.QUORUM_REPORT_BAD: lunik.event
---@field type "read"|"write"|"flush" 
---@field error? string left out where it only differs
---@field ["node-name"] string of the image
---@field ["sector-num"] integer where, in sectors
---@field ["sectors-count"] integer how many

---the guest set an address of an RDMA card
---@class lunik.event.RDMA_GID_STATUS_CHANGED: lunik.event
---@field netdev string of the card
---@field ["gid-status"] boolean set or cleared
---@field ["subnet-prefix"] integer 
---@field ["interface-id"] integer 

---the machine was reset
---@class lunik.event.RESET: lunik.event
---@field guest boolean the guest did it itself
---@field reason "none"|"host-error"|"host-qmp-quit"|"host-qmp-system-reset"|"host-signal"|"host-ui"|"guest-shutdown"|"guest-reset"|"guest-panic"|"subsystem-reset"|"snapshot-load" what led to it

---the machine runs on
---@class lunik.event.RESUME: lunik.event

---the guest set its clock
---@class lunik.event.RTC_CHANGE: lunik.event
---@field offset integer seconds from what `-rtc base=` says
---@field ["qom-path"] string its place in the object tree

---the machine is about to end
---@class lunik.event.SHUTDOWN: lunik.event
---@field guest boolean the guest did it itself
---@field reason "none"|"host-error"|"host-qmp-quit"|"host-qmp-system-reset"|"host-signal"|"host-ui"|"guest-shutdown"|"guest-reset"|"guest-panic"|"subsystem-reset"|"snapshot-load" what led to it

---a SPICE client connected
---@class lunik.event.SPICE_CONNECTED: lunik.event
---@field server table host, port, family
---@field client table host, port, family

---a SPICE client left
---@class lunik.event.SPICE_DISCONNECTED: lunik.event
---@field server table host, port, family
---@field client table host, port, family

---a SPICE client opened a channel
---@class lunik.event.SPICE_INITIALIZED: lunik.event
---@field server table host, port, family, auth
---@field client table host, port, family, connection-id, channel-type, channel-id, tls

---SPICE has followed a migration
---@class lunik.event.SPICE_MIGRATE_COMPLETED: lunik.event

---the machine is paused
---@class lunik.event.STOP: lunik.event

---the guest sleeps, its memory kept (S3)
---@class lunik.event.SUSPEND: lunik.event

---the guest sleeps on its disk (S4); QEMU ends
---@class lunik.event.SUSPEND_DISK: lunik.event

---the primary card of a failover pair left for a migration
---@class lunik.event.UNPLUG_PRIMARY: lunik.event
---@field ["device-id"] string of the card

---a passed-through device migrates
---@class lunik.event.VFIO_MIGRATION: lunik.event
---@field ["device-id"] string may be empty
---@field ["qom-path"] string its place in the object tree
---@field ["device-state"] "stop"|"running"|"stop-copy"|"resuming"|"running-p2p"|"pre-copy"|"pre-copy-p2p" what it is at

---the client of a vfio-user server hung up
---@class lunik.event.VFU_CLIENT_HANGUP: lunik.event
---@field ["vfu-id"] string of the server
---@field ["vfu-qom-path"] string 
---@field ["dev-id"] string of the device it serves
---@field ["dev-qom-path"] string 

---a VNC client connected, and has yet to log in
---@class lunik.event.VNC_CONNECTED: lunik.event
---@field server table host, service, family, websocket, auth
---@field client table host, service, family, websocket

---a VNC client left
---@class lunik.event.VNC_DISCONNECTED: lunik.event
---@field server table host, service, family, websocket, auth
---@field client table host, service, family, websocket, x509_dname, sasl_username

---a VNC client has logged in
---@class lunik.event.VNC_INITIALIZED: lunik.event
---@field server table host, service, family, websocket, auth
---@field client table host, service, family, websocket, x509_dname, sasl_username

---the guest opened or closed a virtio serial port
---@class lunik.event.VSERPORT_CHANGE: lunik.event
---@field id string of the port
---@field open boolean 

---the guest woke up
---@class lunik.event.WAKEUP: lunik.event

---the watchdog was not fed in time
---@class lunik.event.WATCHDOG: lunik.event
---@field action "reset"|"shutdown"|"poweroff"|"pause"|"debug"|"none"|"inject-nmi" what QEMU does

---something is done, a hook prints, there is a problem
---@class lunik.event.LUNIK_PROGRESS: lunik.event
---@field kind string what it is about, such as problem or stop
---@field text string 

---the machine's `ready =` holds
---@class lunik.event.LUNIK_READY: lunik.event

---the machine has ended; so does the connection
---@class lunik.event.LUNIK_ENDED: lunik.event
---@field kind "poweroff"|"reset"|"quit"|"saved"|"crash"|"helper"|"panic"|"provision"|"fork"|"template"|"deadline"|"killed" 
---@field text string the same in words
---@field code integer the exit status it stands for
---@field status? integer of QEMU's process
---@field signal? integer that ended QEMU's process
---@field lines table QEMU's last lines, a list

---the daemon is gone that showed the guest a file for a copy (lunik-copy-lend)
---@class lunik.event.LUNIK_COPY_BROKEN: lunik.event
---@field id string of lunik-copy-lend

---this client has read too slowly
---@class lunik.event.LUNIK_EVENTS_LOST: lunik.event
---@field count integer how many events it missed

---the recipe as written, before it is checked; may edit it; for example: on("configure", function(raw) raw.memory = "2G" end)
---@param point "configure"
---@param fn fun(raw: table)
---@return lunik.item
function on(point, fn) end

---copies of the plan and of the machine's fields; plan:add(qemu.device { … }) adds; for example: on("plan", function(plan) plan:add(qemu.device { "virtio-rng-pci" }) end)
---@param point "plan"
---@param fn fun(plan: table, machine: table)
---@return lunik.item
function on(point, fn) end

---QEMU answers and is still paused; for example: on("started", function(vm) print(vm:qmp("query-name").name) end)
---@param point "started"
---@param fn fun(vm: lunik.vm)
---@return lunik.item
function on(point, fn) end

---the machine's `ready =` holds; for example: on("ready", function(vm) print("ssh is on port", vm:forward "ssh") end)
---@param point "ready"
---@param fn fun(vm: lunik.vm)
---@return lunik.item
function on(point, fn) end

---the guest panicked, or its console says, while it is waited for, that it will not come up: sign.name, sign.line, sign.lines; for example: on("panic", function(_, sign) print(sign.name, sign.line) end)
---@param point "panic"
---@param fn fun(vm: lunik.vm, sign: table)
---@return lunik.item
function on(point, fn) end

---every event of QEMU; on("SHUTDOWN", fn) is called for that one only; for example: on("event", function(_, event) print(event.event) end)
---@param point "event"
---@param fn fun(vm: lunik.vm, event: lunik.event)
---@return lunik.item
function on(point, fn) end

---a process beside QEMU ended while the machine ran; for example: on("helper-died", function(_, helper) print(helper.name, helper.means) end)
---@param point "helper-died"
---@param fn fun(vm: lunik.vm, helper: table)
---@return lunik.item
function on(point, fn) end

---it is saved in the folder `path`, and ends; not where it is forked, and runs on; for example: on("saved", function(vm, path) print(vm.name, "lies in", path) end)
---@param point "saved"
---@param fn fun(vm: lunik.vm, path: table)
---@return lunik.item
function on(point, fn) end

---the machine goes on from the folder `path`, and is ready; hooks of `started` and `ready` are not called then; for example: on("restored", function(vm) vm:exec { "systemctl", "restart", "chrony" } end)
---@param point "restored"
---@param fn fun(vm: lunik.vm, path: table)
---@return lunik.item
function on(point, fn) end

---the same of a clone, once it has what is its own; `restored` is not called then; for example: on("forked", function(vm, path) print(vm.name, "is a clone of", path) end)
---@param point "forked"
---@param fn fun(vm: lunik.vm, path: table)
---@return lunik.item
function on(point, fn) end

---the machine was asked to stop; runs before the guest hears of it; for example: on("stop", function(vm) vm:copy_out { from = "/var/log", to = "logs" } end)
---@param point "stop"
---@param fn fun(vm: lunik.vm)
---@return lunik.item
function on(point, fn) end

---the machine has ended; `how` says in what way; for example: on("exit", function(_, how) print(how.kind, how.text) end)
---@param point "exit"
---@param fn fun(vm: lunik.vm, how: table)
---@return lunik.item
function on(point, fn) end

---the guest answered a hot plug by ACPI
---@param point "ACPI_DEVICE_OST"
---@param fn fun(vm: lunik.vm, event: lunik.event.ACPI_DEVICE_OST)
---@return lunik.item
function on(point, fn) end

---the balloon has another size
---@param point "BALLOON_CHANGE"
---@param fn fun(vm: lunik.vm, event: lunik.event.BALLOON_CHANGE)
---@return lunik.item
function on(point, fn) end

---a block export is gone, and its id is free
---@param point "BLOCK_EXPORT_DELETED"
---@param fn fun(vm: lunik.vm, event: lunik.event.BLOCK_EXPORT_DELETED)
---@return lunik.item
function on(point, fn) end

---a disk image was found to be corrupt
---@param point "BLOCK_IMAGE_CORRUPTED"
---@param fn fun(vm: lunik.vm, event: lunik.event.BLOCK_IMAGE_CORRUPTED)
---@return lunik.item
function on(point, fn) end

---reading or writing a disk went wrong
---@param point "BLOCK_IO_ERROR"
---@param fn fun(vm: lunik.vm, event: lunik.event.BLOCK_IO_ERROR)
---@return lunik.item
function on(point, fn) end

---a block job was cancelled
---@param point "BLOCK_JOB_CANCELLED"
---@param fn fun(vm: lunik.vm, event: lunik.event.BLOCK_JOB_CANCELLED)
---@return lunik.item
function on(point, fn) end

---a block job is over
---@param point "BLOCK_JOB_COMPLETED"
---@param fn fun(vm: lunik.vm, event: lunik.event.BLOCK_JOB_COMPLETED)
---@return lunik.item
function on(point, fn) end

---a block job met an error
---@param point "BLOCK_JOB_ERROR"
---@param fn fun(vm: lunik.vm, event: lunik.event.BLOCK_JOB_ERROR)
---@return lunik.item
function on(point, fn) end

---a block job waits for job-finalize
---@param point "BLOCK_JOB_PENDING"
---@param fn fun(vm: lunik.vm, event: lunik.event.BLOCK_JOB_PENDING)
---@return lunik.item
function on(point, fn) end

---a block job can be completed now
---@param point "BLOCK_JOB_READY"
---@param fn fun(vm: lunik.vm, event: lunik.event.BLOCK_JOB_READY)
---@return lunik.item
function on(point, fn) end

---a disk was written beyond the threshold that was set
---@param point "BLOCK_WRITE_THRESHOLD"
---@param fn fun(vm: lunik.vm, event: lunik.event.BLOCK_WRITE_THRESHOLD)
---@return lunik.item
function on(point, fn) end

---fault tolerance by COLO has ended
---@param point "COLO_EXIT"
---@param fn fun(vm: lunik.vm, event: lunik.event.COLO_EXIT)
---@return lunik.item
function on(point, fn) end

---the guest asked for another polarization of its CPUs
---@param point "CPU_POLARIZATION_CHANGE"
---@param fn fun(vm: lunik.vm, event: lunik.event.CPU_POLARIZATION_CHANGE)
---@return lunik.item
function on(point, fn) end

---a device is gone, and its id is free
---@param point "DEVICE_DELETED"
---@param fn fun(vm: lunik.vm, event: lunik.event.DEVICE_DELETED)
---@return lunik.item
function on(point, fn) end

---the tray of a drive was opened or closed
---@param point "DEVICE_TRAY_MOVED"
---@param fn fun(vm: lunik.vm, event: lunik.event.DEVICE_TRAY_MOVED)
---@return lunik.item
function on(point, fn) end

---the guest refused to give up a device
---@param point "DEVICE_UNPLUG_GUEST_ERROR"
---@param fn fun(vm: lunik.vm, event: lunik.event.DEVICE_UNPLUG_GUEST_ERROR)
---@return lunik.item
function on(point, fn) end

---a dump of the guest's memory is over
---@param point "DUMP_COMPLETED"
---@param fn fun(vm: lunik.vm, event: lunik.event.DUMP_COMPLETED)
---@return lunik.item
function on(point, fn) end

---the guest can do failover: the primary card may come
---@param point "FAILOVER_NEGOTIATED"
---@param fn fun(vm: lunik.vm, event: lunik.event.FAILOVER_NEGOTIATED)
---@return lunik.item
function on(point, fn) end

---the guest panicked and runs its crash kernel
---@param point "GUEST_CRASHLOADED"
---@param fn fun(vm: lunik.vm, event: lunik.event.GUEST_CRASHLOADED)
---@return lunik.item
function on(point, fn) end

---the guest panicked
---@param point "GUEST_PANICKED"
---@param fn fun(vm: lunik.vm, event: lunik.event.GUEST_PANICKED)
---@return lunik.item
function on(point, fn) end

---the guest asked for its end through pvpanic
---@param point "GUEST_PVSHUTDOWN"
---@param fn fun(vm: lunik.vm, event: lunik.event.GUEST_PVSHUTDOWN)
---@return lunik.item
function on(point, fn) end

---the guest's hv-balloon told its memory
---@param point "HV_BALLOON_STATUS_REPORT"
---@param fn fun(vm: lunik.vm, event: lunik.event.HV_BALLOON_STATUS_REPORT)
---@return lunik.item
function on(point, fn) end

---a job has come to another state
---@param point "JOB_STATUS_CHANGE"
---@param fn fun(vm: lunik.vm, event: lunik.event.JOB_STATUS_CHANGE)
---@return lunik.item
function on(point, fn) end

---the guest took or gave memory of a virtio-mem device
---@param point "MEMORY_DEVICE_SIZE_CHANGE"
---@param fn fun(vm: lunik.vm, event: lunik.event.MEMORY_DEVICE_SIZE_CHANGE)
---@return lunik.item
function on(point, fn) end

---the host's memory failed below the guest
---@param point "MEMORY_FAILURE"
---@param fn fun(vm: lunik.vm, event: lunik.event.MEMORY_FAILURE)
---@return lunik.item
function on(point, fn) end

---memory could not be unplugged
---@param point "MEM_UNPLUG_ERROR"
---@param fn fun(vm: lunik.vm, event: lunik.event.MEM_UNPLUG_ERROR)
---@return lunik.item
function on(point, fn) end

---a migration has come to another state
---@param point "MIGRATION"
---@param fn fun(vm: lunik.vm, event: lunik.event.MIGRATION)
---@return lunik.item
function on(point, fn) end

---a migration goes through the memory once more
---@param point "MIGRATION_PASS"
---@param fn fun(vm: lunik.vm, event: lunik.event.MIGRATION_PASS)
---@return lunik.item
function on(point, fn) end

---a stream backend is connected
---@param point "NETDEV_STREAM_CONNECTED"
---@param fn fun(vm: lunik.vm, event: lunik.event.NETDEV_STREAM_CONNECTED)
---@return lunik.item
function on(point, fn) end

---a stream backend lost its connection
---@param point "NETDEV_STREAM_DISCONNECTED"
---@param fn fun(vm: lunik.vm, event: lunik.event.NETDEV_STREAM_DISCONNECTED)
---@return lunik.item
function on(point, fn) end

---a vhost-user backend is connected
---@param point "NETDEV_VHOST_USER_CONNECTED"
---@param fn fun(vm: lunik.vm, event: lunik.event.NETDEV_VHOST_USER_CONNECTED)
---@return lunik.item
function on(point, fn) end

---a vhost-user backend lost its connection
---@param point "NETDEV_VHOST_USER_DISCONNECTED"
---@param fn fun(vm: lunik.vm, event: lunik.event.NETDEV_VHOST_USER_DISCONNECTED)
---@return lunik.item
function on(point, fn) end

---the guest set what a card receives; query-rx-filter arms the next one
---@param point "NIC_RX_FILTER_CHANGED"
---@param fn fun(vm: lunik.vm, event: lunik.event.NIC_RX_FILTER_CHANGED)
---@return lunik.item
function on(point, fn) end

---the guest was asked to power off, as by its button
---@param point "POWERDOWN"
---@param fn fun(vm: lunik.vm, event: lunik.event.POWERDOWN)
---@return lunik.item
function on(point, fn) end

---a helper for persistent reservations came or went
---@param point "PR_MANAGER_STATUS_CHANGED"
---@param fn fun(vm: lunik.vm, event: lunik.event.PR_MANAGER_STATUS_CHANGED)
---@return lunik.item
function on(point, fn) end

---a quorum of disks did not agree
---@param point "QUORUM_FAILURE"
---@param fn fun(vm: lunik.vm, event: lunik.event.QUORUM_FAILURE)
---@return lunik.item
function on(point, fn) end

---one disk of a quorum went wrong
---@param point "QUORUM_REPORT_BAD"
---@param fn fun(vm: lunik.vm, event: lunik.event.QUORUM_REPORT_BAD)
---@return lunik.item
function on(point, fn) end

---the guest set an address of an RDMA card
---@param point "RDMA_GID_STATUS_CHANGED"
---@param fn fun(vm: lunik.vm, event: lunik.event.RDMA_GID_STATUS_CHANGED)
---@return lunik.item
function on(point, fn) end

---the machine was reset
---@param point "RESET"
---@param fn fun(vm: lunik.vm, event: lunik.event.RESET)
---@return lunik.item
function on(point, fn) end

---the machine runs on
---@param point "RESUME"
---@param fn fun(vm: lunik.vm, event: lunik.event.RESUME)
---@return lunik.item
function on(point, fn) end

---the guest set its clock
---@param point "RTC_CHANGE"
---@param fn fun(vm: lunik.vm, event: lunik.event.RTC_CHANGE)
---@return lunik.item
function on(point, fn) end

---the machine is about to end
---@param point "SHUTDOWN"
---@param fn fun(vm: lunik.vm, event: lunik.event.SHUTDOWN)
---@return lunik.item
function on(point, fn) end

---a SPICE client connected
---@param point "SPICE_CONNECTED"
---@param fn fun(vm: lunik.vm, event: lunik.event.SPICE_CONNECTED)
---@return lunik.item
function on(point, fn) end

---a SPICE client left
---@param point "SPICE_DISCONNECTED"
---@param fn fun(vm: lunik.vm, event: lunik.event.SPICE_DISCONNECTED)
---@return lunik.item
function on(point, fn) end

---a SPICE client opened a channel
---@param point "SPICE_INITIALIZED"
---@param fn fun(vm: lunik.vm, event: lunik.event.SPICE_INITIALIZED)
---@return lunik.item
function on(point, fn) end

---SPICE has followed a migration
---@param point "SPICE_MIGRATE_COMPLETED"
---@param fn fun(vm: lunik.vm, event: lunik.event.SPICE_MIGRATE_COMPLETED)
---@return lunik.item
function on(point, fn) end

---the machine is paused
---@param point "STOP"
---@param fn fun(vm: lunik.vm, event: lunik.event.STOP)
---@return lunik.item
function on(point, fn) end

---the guest sleeps, its memory kept (S3)
---@param point "SUSPEND"
---@param fn fun(vm: lunik.vm, event: lunik.event.SUSPEND)
---@return lunik.item
function on(point, fn) end

---the guest sleeps on its disk (S4); QEMU ends
---@param point "SUSPEND_DISK"
---@param fn fun(vm: lunik.vm, event: lunik.event.SUSPEND_DISK)
---@return lunik.item
function on(point, fn) end

---the primary card of a failover pair left for a migration
---@param point "UNPLUG_PRIMARY"
---@param fn fun(vm: lunik.vm, event: lunik.event.UNPLUG_PRIMARY)
---@return lunik.item
function on(point, fn) end

---a passed-through device migrates
---@param point "VFIO_MIGRATION"
---@param fn fun(vm: lunik.vm, event: lunik.event.VFIO_MIGRATION)
---@return lunik.item
function on(point, fn) end

---the client of a vfio-user server hung up
---@param point "VFU_CLIENT_HANGUP"
---@param fn fun(vm: lunik.vm, event: lunik.event.VFU_CLIENT_HANGUP)
---@return lunik.item
function on(point, fn) end

---a VNC client connected, and has yet to log in
---@param point "VNC_CONNECTED"
---@param fn fun(vm: lunik.vm, event: lunik.event.VNC_CONNECTED)
---@return lunik.item
function on(point, fn) end

---a VNC client left
---@param point "VNC_DISCONNECTED"
---@param fn fun(vm: lunik.vm, event: lunik.event.VNC_DISCONNECTED)
---@return lunik.item
function on(point, fn) end

---a VNC client has logged in
---@param point "VNC_INITIALIZED"
---@param fn fun(vm: lunik.vm, event: lunik.event.VNC_INITIALIZED)
---@return lunik.item
function on(point, fn) end

---the guest opened or closed a virtio serial port
---@param point "VSERPORT_CHANGE"
---@param fn fun(vm: lunik.vm, event: lunik.event.VSERPORT_CHANGE)
---@return lunik.item
function on(point, fn) end

---the guest woke up
---@param point "WAKEUP"
---@param fn fun(vm: lunik.vm, event: lunik.event.WAKEUP)
---@return lunik.item
function on(point, fn) end

---the watchdog was not fed in time
---@param point "WATCHDOG"
---@param fn fun(vm: lunik.vm, event: lunik.event.WATCHDOG)
---@return lunik.item
function on(point, fn) end
