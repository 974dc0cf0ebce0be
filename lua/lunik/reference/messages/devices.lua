-- SPDX-License-Identifier: MIT
-- Messages about devices that come and go while a machine runs, and about changes of its recipe.
return { title = "Devices, mounts and changes", rows = {
  { "the guest does not let go of it within … seconds", "The guest was asked to give the "
    .. "device up, and has not: it uses it, its driver is not loaded, or it is busy booting. "
    .. "The device stays usable.", "lunik unplug NAME DEVICE --timeout 60" },
  { "'…' (…) is of the machine's start and in no port", "Only what sits in a port of its "
    .. "own can come and go. Devices of the recipe sit there where `hotplug { … }` plans "
    .. "room.", "lunik slots NAME" },
  { "nothing that can be unplugged is called '…'", "No device of this id, label or port is there.",
    "lunik slots NAME" },
  { "'…' is more than one: say which by its tag", "The same directory is mounted twice.",
    "lunik mounts NAME" },
  { "no device '…'", "There is no device of this name: in the machine, or in what the "
    .. "installed QEMU can make.", "lunik slots NAME" },
  { "…: the guest cannot be asked whether it uses it", "Before a disk goes, the guest is "
    .. "asked about mounts, swap and open files; it does not answer.",
    "lunik unplug NAME DEVICE --force" },
  { "…: the guest uses it: …", "It is mounted, or open, in the guest; the message says by "
    .. "whom. Taken away by force, what is not written is lost.",
    "lunik exec NAME -- umount PATH" },
  { "it answers something else: …", "The guest was asked what uses the device, and its answer "
    .. "is not of the form that it has to be.", "lunik unplug NAME DEVICE --force" },
  { "helper …: …", "The process that serves the directory (virtiofsd) ended; its own last "
    .. "words stand behind it.", "lunik logs NAME" },
  { "…: at … in the guest: …", "The device is there, and the guest could not mount it: no "
    .. "driver (virtiofs, 9p), or the place cannot be mounted on. All was taken back.",
    "lunik exec NAME -- modprobe virtiofs" },
  { "is another directory in the guest than … on the host", "The guest sees something else at "
    .. "that place than the directory that was mounted there.", "lunik unmount NAME TAG" },
  { "it belongs to … in the guest, and … was asked for", "`owner =` asks for another owner "
    .. "than the guest shows.", "lunik help mount" },
  { "the guest lists … at … places", "It is mounted more than once there.",
    "lunik exec NAME -- grep TAG /proc/mounts" },
  { "nic.forward: the name '…' is taken", "Names of forwards are one machine's: another card "
    .. "has this one.", "lunik forward NAME" },
  { "'…' cannot come while the machine runs", "QEMU can make this device only at the start.",
    "lunik restart NAME" },
  { "has no such property", "The installed QEMU's device has no such property.",
    "lunik help qemu.device" },
  { "device.driver: …", "A device of QEMU's is named by its driver, the first word.",
    "lunik plug NAME device virtio-rng-pci" },
  { "blockdev.node-name: required", "What has no name could not be taken away again.",
    "lunik plug NAME blockdev driver=null-co node-name=n0" },
  { "and taking it back: …", "Plugging went wrong, and so did undoing what had been done: "
    .. "something of it stays in the machine until it ends.", "lunik slots NAME" },
  { "no family '…'; there are: …", "What can be plugged has a family, as in a recipe.",
    "lunik help" },
  { "….kind: …", "The family has no such kind.", "lunik help FAMILY" },
  { "…: the policy failed: …", "The recipe's policy raised an error: that counts as no. Its "
    .. "line stands in it.", "lunik check" },
  { "refused by the policy at …: …", "The recipe has a policy for this family, which says "
    .. "no, and why. Its line is named.", "lunik help hotplug" },
  { "after the policy at …: …", "A policy edited the request, and what it made of it is wrong.",
    "lunik help hotplug" },
  { "'…' is just being …", "Something is being done with this device already.",
    "lunik slots NAME" },
  { "the recipe is just being applied", "Two cannot do it at once.", "lunik status NAME" },
  { "the recipe's functions are those of its program", "The machine was started by a program "
    .. "from a table, so there is no recipe that could have changed.", "lunik help lunik.run" },
  { "apply.json: …", "What is written down about a change half done cannot be read. The "
    .. "machine runs on as it is; a restart makes it what its recipe says.",
    "lunik restart NAME" },
  { "snapshot: … is not what it should be", "What was written down of the recipe at the start "
    .. "cannot be read, so it cannot be compared.", "lunik restart NAME" },
  { "is read when the machine starts", "This can change only at a start.", "lunik restart NAME" },
  { "the CPUs of its start stay until it restarts", "CPUs that the machine started with cannot "
    .. "be taken away; those that were plugged can.", "lunik restart NAME" },
  { "the memory of its start stays until it restarts", "Memory that the machine started with "
    .. "cannot be taken away; what was plugged can.", "lunik restart NAME" },
  { "the machine was started without a drive", "A CD-ROM drive cannot come while a machine runs.",
    "lunik restart NAME" },
  { "no drive '…'; there are: …", "The machine has no drive of this id.", "lunik cdrom NAME" },
  { "there are several drives, name one of them", "The medium could go into any of them.",
    "lunik cdrom NAME" },
  { "the guest holds the tray of …", "The medium is mounted in the guest, which has locked "
    .. "the drive.", "lunik exec NAME -- umount /media/cdrom" },
  { "eject: a medium comes, or goes", "A file and --eject at once mean two things.",
    "lunik cdrom NAME --eject" },
  { "a file, or --eject, not both", "A file and --eject at once mean two things.",
    "lunik cdrom NAME --eject" },
  { "file: …", "The file that is meant cannot be used as a medium.", "qemu-img info FILE" },
  { "add: [[ADDRESS:]PORT:]GUEST-PORT expected, got '…'", "A forward is a port of the guest, "
    .. "before it the port of the host (0 or nothing: a free one), and before that an address.",
    "lunik forward NAME add 8080:80" },
  { "remove: a forward's name expected", "A forward is removed by its name.",
    "lunik forward NAME" },
} }
