---@meta
-- Printed by `make docs` from the rows that lunik runs.

---@class lunik.item

---@class lunik.machine
---@field name? string name; default: the recipe's folder; for example: name = "web"
---@field arch? string architecture of the guest; default: the host's; for example: arch = "aarch64"
---@field type? string QEMU's machine type; default: q35 on x86, virt on ARM and RISC-V; for example: type = "pc"
---@field accel? string kvm, tcg, …; default: kvm where it works, else tcg; for example: accel = "tcg"
---@field cpu? string|table CPU model, and its features; default: host under kvm, max under tcg; for example: cpu = { "host", "+invtsc" }
---@field cpus? integer|table number of CPUs, or their topology; for example: cpus = 4
---@field memory? string|table memory of the guest; { size = "4G", kept = true }: apart from QEMU's own, as machines with mounts have it, so that it is saved the faster; without huge pages; for example: memory = "4G"
---@field uuid? string UUID of the guest; for example: uuid = "6ba7b810-9dad-41d1-80b4-00c04fd430c8"
---@field firmware? string|table what it boots by: "bios", "uefi", a file, or { kind = "uefi", secure = true, … }; default: QEMU's own; on aarch64 without a kernel uefi; for example: firmware = "uefi"
---@field kernel? string kernel to boot directly; for example: kernel = "vmlinuz"
---@field initrd? string initial ramdisk; for example: kernel = "vmlinuz", initrd = "initrd.img"
---@field append? string kernel command line; for example: kernel = "vmlinuz", append = "console=ttyS0 quiet"
---@field windows? boolean|table true: the guest is Windows: Hyper-V's interfaces, a clock in local time, a TPM, secure boot, disks and cards that its installer knows; { drivers = "virtio-win.iso" }: virtio and a drive with its drivers; for example: windows = true
---@field display? string where the screen is shown: none, gtk, sdl, …; for example: display = "gtk"
---@field defaults? boolean false: lunik adds nothing of its own; for example: defaults = false
---@field sandbox? boolean false: QEMU runs without its seccomp filter; for example: sandbox = false
---@field qemu? string the QEMU binary; default: qemu-system-ARCH by PATH; for example: qemu = "/opt/qemu/bin/qemu-system-x86_64"
---@field paused? boolean true: the machine stays paused until somebody resumes it; for example: paused = true
---@field gdb? boolean|integer it stays paused, and waits for gdb: true, or a TCP port of this host; for example: gdb = true
---@field ready? string|fun(vm: table): any when it is ready: "qmp", "agent", "ssh", "cloud-init" (it is done, without errors), "console: PATTERN" or function(vm); for example: ready = "agent", agent {}
---@field ready_within? number|string how long that may take, in seconds; for example: ready_within = "5m"
---@field signs? string|(string|table)[] what the guest says on its console when it will not come up, beside what all guests say: such a line ends the wait; with prompt = true what an unfinished line begins with; for example: signs = "unable to find boot device"
---@field stop? table how long each rung of stopping may take: { powerdown = 60, quit = 5, term = 5 }; for example: stop = { powerdown = 60 }
---@field on_host_shutdown? "stop"|"save" what becomes of it when its supervisor is told to end by SIGTERM, as systemd does at the host's shutdown (lunik unit): stop; or save, and go on at the next start; for example: on_host_shutdown = "save"
---@field life? number|string how long it may live, such as "10m"; then it is stopped, which counts as a failure; for example: life = "10m"
---@field results? string folder of the guest that a job copies to where it was submitted (lunik submit); for example: results = "/results"
---@class lunik.disk
---@field file? string the image; for example: file = "debian-13.qcow2"
---@field format? "qcow2"|"raw"|"vmdk"|"vdi"|"vhdx"|"vpc"|"qed" of the file; told from its name, never guessed from bytes a guest wrote; for example: file = "disk.img", format = "raw"
---@field overlay? boolean|string true: writes are thrown away at the end; a path: kept there; for example: overlay = true
---@field backing? string|string[] files outside the image's folder that its header may name: base images and the like; for example: backing = "/images/base.qcow2"
---@field size? string|table with create: of the image; with overlay: of the overlay, no less than its base; for example: file = "data.qcow2", create = true, size = "20G"
---@field create? boolean make the image if it is not there; for example: file = "data.qcow2", create = true, size = "20G"
---@field readonly? boolean the guest cannot write; for example: readonly = true
---@field bus? "virtio"|"scsi"|"nvme"|"sata"|"ide"|"usb" what it is plugged into; for example: bus = "scsi"
---@field id? string from the file's name; for example: id = "root"
---@field serial? string serial number that the guest sees; for example: serial = "data-1"
---@field boot? integer boot order, lowest first (bootindex); for example: boot = 1
---@field discard? boolean blocks that the guest discards are freed; for example: discard = false
---@field install? string an installer's .iso: it boots while the disk cannot, such as an empty one; for example: file = "new.qcow2", create = true, size = "20G", install = "debian-13.iso"
---@field cache? "writeback"|"none"|"writethrough"|"directsync"|"unsafe" as QEMU's -drive has it; default: writeback; for example: cache = "none"
---@field aio? "threads"|"native"|"io_uring" how the host's file is read and written; native needs cache none or directsync; for example: aio = "native", cache = "none"
---@field iothread? boolean a thread of its own; on virtio; for example: iothread = true
---@field queues? integer how many queues; on virtio, default: one a CPU; for example: queues = 4
---@field ssd? boolean the guest takes it for one; on scsi, sata and ide; for example: bus = "scsi", ssd = true
---@field detect_zeroes? "off"|"on"|"unmap" zeroes that the guest writes become a hole's, or are freed; default: off; for example: detect_zeroes = "unmap"

---a disk
---@param fields lunik.disk
---@return lunik.item
function disk(fields) end

---@class lunik.cdrom
---@field file? string its medium, such as an .iso; left out, it is empty; for example: file = "debian-13.iso"
---@field bus? "sata"|"ide"|"scsi" what it is plugged into; default: sata or ide, where the board has it, else scsi; for example: bus = "sata"
---@field boot? integer boot order, lowest first (bootindex); for example: boot = 1
---@field id? string cdrom-1, cdrom-2, … in order; for example: id = "tools"

---a CD-ROM drive
---@param fields lunik.cdrom
---@return lunik.item
function cdrom(fields) end

---@class lunik.nic
---@field forward? table<string, integer|table> host ports that lead into the guest; for example: forward = { ssh = 22, ["8080"] = 80 }
---@field isolated? boolean the guest reaches neither the host nor the outside; for example: isolated = true
---@field hostname? string the name that DHCP gives the guest; for example: hostname = "web"
---@field id? string net0, net1, … in order; net-p1, … while the machine runs; for example: id = "lan"
---@field mac? string made from the machine's name, so that it stays; for example: mac = "52:54:00:12:34:56"
---@field model? string the card that the guest sees, a QEMU device; for example: model = "e1000e"
---@field kind? "user"|"tap"|"bridge" which kind of nic; for example: kind = "tap"
---@field ifname? string the interface, as `ip tuntap` made it; for example: ifname = "tap0"
---@field bridge? string the bridge; /etc/qemu/bridge.conf must allow it; for example: bridge = "br0"

---a network card
---@param fields lunik.nic
---@return lunik.item
function nic(fields) end

---@class lunik.mount
---@field from? string directory of the host; for example: from = "."
---@field to? string where the guest mounts it; left out, the guest does that itself; for example: to = "/work"
---@field tag? string the name the guest mounts it by; from the last part of `to`, else of `from`; for example: tag = "work"
---@field readonly? boolean the guest cannot write, whatever it is; for example: readonly = true
---@field cache? "auto"|"never"|"always" how far the guest may trust what it has read; for example: cache = "never"
---@field owner? string who the directory's owner is in the guest; they change places there; for example: owner = "1000:1000"
---@field xattr? boolean extended attributes; for example: xattr = false
---@field posix_acl? boolean POSIX ACLs; takes xattr; for example: posix_acl = true
---@field announce_submounts? boolean what is mounted below is a mount in the guest too; left out, the daemon decides; for example: announce_submounts = true
---@field devices? boolean where lunik runs as root: the guest may make device nodes, which are the host's too; for example: devices = true
---@field suid? boolean where lunik runs as root: the guest may make files that run as their owner or group, or with capabilities, on the host too; without it nothing gets those bits by chmod, not even a directory, and a file that is written to loses them; one that is there can be moved and linked as it is; for example: suid = true
---@field on_death? "report"|"stop"|"remount" what follows when its daemon dies: its device is taken from the guest in any case; for example: on_death = "stop"
---@field kind? "virtiofs"|"9p" which kind of mount; for example: kind = "9p"
---@field security? "mapped-xattr"|"mapped-file"|"passthrough"|"none" how owners and modes of the guest's files are kept (security_model); for example: security = "mapped-file"

---a directory of the host in the guest
---@param fields lunik.mount
---@return lunik.item
function mount(fields) end

---@class lunik.console
---@field log? string a file that gets all output; kept; for example: log = "console.log"
---@field kind? "serial"|"virtio" which kind of console; for example: kind = "virtio"

---the console that lunik shows on the terminal and keeps a log of
---@param fields lunik.console
---@return lunik.item
function console(fields) end

---@class lunik.serial
---@field file? string the file; it grows; for example: file = "serial.log"
---@field append? boolean keep what is in it; for example: append = true
---@field kind? "file"|"socket" which kind of serial; for example: kind = "socket"
---@field socket? string path of the socket; for example: socket = "serial.sock"

---a serial port that goes somewhere else than the console
---@param fields lunik.serial
---@return lunik.item
function serial(fields) end

---@class lunik.usb
---@field model? string usb-tablet, usb-kbd, usb-mouse, usb-audio, …: a QEMU device; for example: model = "usb-kbd"
---@field id? string usb-1, usb-2, … in order; usb-p1, … while the machine runs; for example: id = "keys"
---@field kind? "emulated"|"host" which kind of usb; for example: kind = "host"
---@field device? string vendor and product, as lsusb shows them; for example: device = "046d:c52b"
---@field where? string bus and port, as /sys/bus/usb/devices names them; for example: where = "1-2"

---a USB device
---@param fields lunik.usb
---@return lunik.item
function usb(fields) end

---@class lunik.memory
---@field size? string|table how much; for example: size = "1G"
---@field id? string mem-1, mem-2, … in order; mem-p1, … while the machine runs; for example: id = "more"
---@field kind? "dimm"|"virtio-mem" which kind of memory; for example: kind = "virtio-mem"
---@field requested? string|table how much of it the guest is to take; default: all. vm:qmp "qom-set" changes it; for example: requested = "512M"

---more memory, while the machine runs
---@param fields lunik.memory
---@return lunik.item
function memory(fields) end

---@class lunik.balloon
---@field free_page_reporting? boolean the guest tells which of its memory is free, and the host has it back; not for a machine of which private copies are to be made; for example: free_page_reporting = false
---@field deflate_on_oom? boolean a guest that runs out of memory gets back what QMP's "balloon" took from it; for example: deflate_on_oom = true
---@field id? string what QEMU calls it; for example: id = "spare"

---memory that the guest has freed goes back to the host
---@param fields lunik.balloon
---@return lunik.item
function balloon(fields) end

---@class lunik.cpu
---@field id? string cpu-p1, cpu-p2, … in order; for example: id = "fifth"

---one more CPU, while the machine runs
---@param fields lunik.cpu
---@return lunik.item
function cpu(fields) end

---@class lunik.tpm
---@field model? "crb"|"tis" how the guest speaks to it; default: crb on x86, tis on ARM; for example: model = "tis"

---a TPM 2.0
---@param fields lunik.tpm
---@return lunik.item
function tpm(fields) end

---@class lunik.agent
---@field channel? string the port's name in the guest; for example: channel = "org.example.agent.0"

---the channel of QEMU's guest agent
---@param fields lunik.agent
---@return lunik.item
function agent(fields) end

---@class lunik.ssh
---@field user? string user in the guest; for example: user = "dev"
---@field key? string private key; left out, ssh chooses; for example: key = "~/.ssh/id_ed25519"
---@field port? integer where the guest's sshd listens; for example: port = 2222

---how to log in to the guest
---@param fields lunik.ssh
---@return lunik.item
function ssh(fields) end

---@class lunik.cloud_init
---@field user? string who logs in, and may become root; default: that of ssh {}, else the image's own; for example: user = "dev"
---@field keys? string public keys that may log in; default: that of ssh {}, for which lunik makes one where it has none; for example: keys = "~/.ssh/id_ed25519.pub"
---@field password? string for the console; a hash as of openssl passwd -6 is taken as it is; for example: password = { file = "password.txt" }
---@field hostname? string default: the machine's name; for example: hostname = "web"
---@field packages? string to be installed; with agent {} its own, too; for example: packages = { "nginx", "git" }
---@field run? string commands, in order: texts for a shell, lists of words; for example: run = { "systemctl enable --now nginx" }
---@field files? string|string[] files to write: { ["/etc/motd"] = "text" }; for example: files = { ["/etc/motd"] = "welcome" }
---@field user_data? string a file of cloud-init's, in the place of all the others; for example: user_data = "user-data.yaml"
---@field network? string a file of cloud-init's: network-config; for example: network = "network.yaml"
---@field via? "iso"|"serial" how it comes to the guest: on a disk, or as words in the serial number that say where it is; for example: via = "serial", from = "http://10.0.2.2:8000/"
---@field from? string with via = "serial": where the guest finds its seed, a folder of its own or a URL; no secret, since it stands in the command line; for example: via = "serial", from = "http://10.0.2.2:8000/"

---what cloud-init does at the first boot
---@param fields lunik.cloud_init
---@return lunik.item
function cloud_init(fields) end

---@class lunik.credential
---@field name? string what systemd calls it; for example: name = "motd", value = "hello"
---@field value? string what it is; a text; for example: name = "motd", value = "hello"
---@field file? string what it is: a file, read at the start; for example: name = "motd", file = "motd.txt"

---a credential for the guest's systemd
---@param fields lunik.credential
---@return lunik.item
function credential(fields) end

---@class lunik.ignition
---@field file? string the config: JSON, as butane makes it; for example: file = "config.ign"

---what Ignition does at the first boot
---@param fields lunik.ignition
---@return lunik.item
function ignition(fields) end

---@class lunik.hotplug
---@field ports? integer how many devices can come: on q35 and virt PCIe root ports, at most 120; on pc slots of its PCI bus, at most 15; microvm has none; for example: ports = 8
---@field memory? string|table the most memory that the guest may grow to; for example: memory = "8G"
---@field cpus? integer the most CPUs that the guest may grow to; for example: cpus = 8
---@field scsi? boolean a SCSI controller, for disks; for example: scsi = true
---@field usb? boolean a USB controller, for USB devices; for example: usb = true
---@field keep? boolean what was mounted while the machine ran is mounted again at its next start; for example: keep = true
---@field mount? fun(vm: table, request: table): table?, string? a policy: sees each mount request to plug first, and edits or refuses it; for example: mount = function(_, m) return m.real:find "^/srv/" and m end
---@field disk? fun(vm: table, request: table): table?, string? a policy: sees each disk request to plug first, and edits or refuses it; for example: disk = function(_, d) d.readonly = true return d end
---@field nic? fun(vm: table, request: table): table?, string? a policy: sees each nic request to plug first, and edits or refuses it; for example: nic = function() return nil, "the cards that it has are enough" end
---@field chardev? fun(vm: table, request: table): table?, string? a policy: sees each chardev request to plug first, and edits or refuses it; for example: chardev = function(_, c) return c[1] == "pty" end
---@field device? fun(vm: table, request: table): table?, string? a policy: sees each device request to plug first, and edits or refuses it; for example: device = function() return nil, "no devices of QEMU's" end
---@field any? fun(vm: table, request: table): table?, string? a policy: sees every request to plug first, and edits or refuses it; for example: any = function(_, request) print("asked for:", request.family) return true end

---room for devices that come while the machine runs
---@param fields lunik.hotplug
---@return lunik.item
function hotplug(fields) end

---@class lunik.template
---@field prepare? string function(vm), called once the template is ready; what it raises ends the start; for example: prepare = function(vm) vm:exec { "make", "deps" } end
---@field ready? string|fun(vm: table): any when the template is ready; default: the machine's own ready; for example: ready = "cloud-init"
---@field keep? number|string how long it stays after it was last used, such as "7d", "12h"; default: a week; for example: keep = "12h"

---what is booted and prepared once, so that every start of the machine is a clone of it
---@param fields lunik.template
---@return lunik.item
function template(fields) end


---@class lunik.host
---@field arch string its architecture, as uname says
---@field cpus integer how many CPUs it has
---@field memory integer its memory in bytes
---@field user string the name of the user
---@field run fun(argv: table): integer?, string, string? runs a program of the host to its end: its status, what it wrote to standard output and to standard error; nil and why, also where one of them is over 16 MiB. `seconds` limits it, `cwd` is its folder

---the machine: its fields, and its items among them; what a recipe returns
---@param fields lunik.machine
---@return lunik.item
function machine(fields) end

---a piece of a machine, fields and items, which stands among the items of one
---@param fields lunik.machine
---@return lunik.item
function part(fields) end

---a hook: called at a hook point, or at an event of QEMU's
---@param point string
---@param hook fun(...)
---@return lunik.item
function on(point, hook) end

---called again and again while the machine runs; a call that takes longer is not overtaken by the next
---@param seconds number|string
---@param fn fun(vm: table)
---@return lunik.item
function every(seconds, fn) end

---called while the machine runs at whatever comes, goes or is written there: change.kind is created, deleted, written or overflow (look anew); change.name, change.path, change.directory
---@param folder string
---@param fn fun(vm: table, change: table)
---@return lunik.item
function watch(folder, fn) end

---what is done in the guest once, when it is ready for the first time on its disk: shell commands and functions of the vm in their order, or file = a program of the host's; by root. What fails stops `up`, and is gone on with by `lunik provision`
---@param fields table
---@return lunik.item
function provision(fields) end

---an option of QEMU, typed and checked; docs/qemu.md has them all
---@type lunik.qemu
qemu = {}

---the same as qemu.device
---@param fields table
---@return lunik.item
function device(fields) end

---the same as qemu.object
---@param fields table
---@return lunik.item
function object(fields) end

---words for QEMU's command line as they are, unchecked: the last resort
---@param fields table
---@return lunik.item
function raw(fields) end

---what is left to do before the machine can start: a problem at this line
---@param text string
---@return lunik.item
function todo(text) end

---a size of so many times 1024 bytes, where a size is expected
---@param count number
---@return table
function KiB(count) end

---a size of so many times 1024² bytes, where a size is expected
---@param count number
---@return table
function MiB(count) end

---a size of so many times 1024³ bytes, where a size is expected
---@param count number
---@return table
function GiB(count) end

---a size of so many times 1024⁴ bytes, where a size is expected
---@param count number
---@return table
function TiB(count) end

---a variable of the environment, or nil
---@param name string
---@return string?
function env(name) end

---the text of a file in the recipe's folder or below it
---@param path string
---@return string
function read(path) end

---facts of the host
---@type lunik.host
host = {}
