-- SPDX-License-Identifier: MIT
-- Options that QEMU had before 7.2 and that old command lines still carry
-- (docs/about/removed-features.rst).
local kind = require "lunik.qemu.kind"

local function flag(name, removed, instead, doc)
  return { name, grammar = "flag", removed = removed, deprecated = instead, doc = doc }
end

local function text(name, removed, instead, doc, example)
  return { name, grammar = "text", kind = kind.text, removed = removed, deprecated = instead,
    doc = doc, examples = { { example } } }
end

return {
  text("watchdog", "7.2", "use -device", "a watchdog, by its model", "i6300esb"),
  text("writeconfig", "7.1", "nothing does it", "write the options to a file", "vm.cfg"),
  flag("enable-fips", "7.1", "build QEMU with FIPS cryptography", "refuse weak cryptography"),
  { "realtime", grammar = "opts", removed = "6.0", deprecated = "use -overcommit mem-lock=",
    doc = "guest memory stays in RAM",
    keys = { { "mlock", kind = kind.on_off, default = "on", doc = "whether it does" } },
    examples = { { mlock = false } } },
  text("tb-size", "6.0", "use -accel tcg,tb-size=", "MiB of translated code", "64"),
  flag("no-kvm", "5.2", "use -accel tcg", "no KVM"),
  text("redir", "3.1", "use -nic user,hostfwd=", "a forward to the guest", "tcp:5555::23"),
  text("bootp", "3.1", "use -nic user,bootfile=", "file to boot, for DHCP", "/pxelinux.0"),
  text("tftp", "3.1", "use -nic user,tftp=", "folder served by TFTP", "/srv/tftp"),
  text("smb", "3.1", "use -nic user,smb=", "folder served by Samba", "/srv/share"),
  flag("localtime", "3.1", "use -rtc base=localtime", "the clock shows local time"),
  text("startdate", "3.1", "use -rtc base=", "what the clock shows", "2006-06-17"),
  flag("rtc-td-hack", "3.1", "use -rtc driftfix=slew", "make up for lost ticks"),
  flag("nodefconfig", "3.1", "use -no-user-config", "no configuration of the host"),
  flag("no-kvm-irqchip", "3.0", "use -accel kvm,kernel-irqchip=off", "no interrupts by KVM"),
  flag("no-kvm-pit-reinjection", "3.0", "use -global kvm-pit.lost_tick_policy=discard",
    "lost ticks stay lost"),
  flag("no-kvm-pit", "2.12", "use -accel kvm,kernel-irqchip=split", "no timer by KVM"),
  flag("tdf", "2.12", "it is the default", "make up for lost ticks"),
}
