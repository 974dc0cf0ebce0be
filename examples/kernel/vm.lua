-- Your kernel, with your sources in the guest and gdb at hand. The root file system is the initrd.
--
--   KERNEL=~/linux/arch/x86/boot/bzImage lunik run examples/kernel/vm.lua -- uname -a
--   GDB=1 KERNEL=… lunik run examples/kernel/vm.lua    waits for gdb; `lunik plan` prints its line
local guest = "../../build/guest/"

return machine {
  name = "kernel",
  cpus = 2,
  memory = "1G",
  kernel = env "KERNEL" or guest .. "vmlinux",
  initrd = env "INITRD" or guest .. "initramfs.img",
  append = "console=ttyS0 panic=-1 nokaslr " .. (env "APPEND" or ""),

  mount { from = env "SOURCES" or ".", to = "/src", readonly = true },
  agent {},
  env "GDB" and qemu.gdb { "tcp:127.0.0.1:1234" } or nil,
  paused = env "GDB" ~= nil,

  -- the guest's panic ends `lunik run` with 5, and what was on the console before it is shown
  on("panic", function(_, sign) print("the kernel says: " .. sign.line) end),
}
