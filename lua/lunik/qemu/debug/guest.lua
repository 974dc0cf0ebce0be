-- SPDX-License-Identifier: MIT
-- What the guest finds, and where QEMU finds its files.
local kind = require "lunik.qemu.kind"

-- softmmu/rtc.c: %d-%d-%d, or with T%d:%d:%d behind it
local base = kind.define("rtc_base", 'utc, localtime, or a date such as "2006-06-17T16:01:21"',
  function(value)
    if value == "utc" or value == "localtime" then return value end
    if type(value) ~= "string" then return nil end
    local date = "^%d+%-%d%d?%-%d%d?"
    return (value:find(date .. "$") or value:find(date .. "T%d%d?:%d%d?:%d%d?$")) and value or nil
  end, { names = { "utc", "localtime" } })

local shift = kind.define("shift", "auto, or a whole number from 0 to 10", function(value)
  if value == "auto" then return value end
  return kind.int(0, 10).read(value)
end)

local variable = kind.define("variable", "NAME=VALUE", function(value)
  if type(value) == "string" and value:find "^[^=%z]+=[^%z]*$" then return value end
end)

local has_semihosting = { "arm", "aarch64", "m68k", "xtensa", "xtensaeb", "mips", "mipsel",
  "mips64", "mips64el", "nios2", "riscv32", "riscv64" }

return {
  { "fw_cfg", grammar = "opts", implied = "name", order = { "name" },
    underscores = { gen_id = true },
    source = "qemu-options.hx", doc = "a file that firmware and guest can read",
    keys = {
      { "name", kind = kind.text, required = true,
        doc = 'its name, which should begin with "opt/"' },
      { "file", kind = kind.file, doc = "file that is its content" },
      { "string", kind = kind.text, doc = "text that is its content" },
      { "gen_id", kind = kind.ref "object", ref = "object", doc = "object that makes its content" },
    },
    examples = { { "opt/com.example/greeting", string = "hello" } } },
  { "L", grammar = "text", kind = kind.path,
    doc = "folder with firmware and keymaps, searched first",
    examples = { { "/usr/share/qemu" } } },
  { "enable-kvm", grammar = "flag", once = true, look = "accelerator", doc = "-machine accel=kvm" },
  { "xen-domid", grammar = "text", kind = kind.count, once = true,
    doc = "Xen's number of the guest", examples = { { "1" } } },
  { "xen-attach", grammar = "flag", once = true, doc = "join a Xen guest that is there" },
  { "xen-domid-restrict", grammar = "flag", once = true, doc = "touch no other Xen guest" },
  { "option-rom", grammar = "opts", implied = "romfile", order = { "romfile" },
    source = "qemu-options.hx",
    doc = "an option ROM",
    keys = {
      { "romfile", kind = kind.searched, required = true,
        doc = "the image, searched in -L's folders too" },
      { "bootindex", kind = kind.int(-1), doc = "its place in the boot order" },
    },
    examples = { { "efi-virtio.rom" } } },
  { "rtc", grammar = "opts", merges = true, source = "qemu-options.hx",
    doc = "the board's clock",
    keys = {
      { "base", kind = base, default = "utc", doc = "what it shows at the start" },
      { "clock", kind = kind.one_of { "host", "rt", "vm" }, default = "host",
        doc = "what drives it; vm stops with the guest" },
      { "driftfix", kind = kind.one_of { "none", "slew" }, default = "none",
        doc = "make up for lost ticks (x86)" },
    },
    examples = { { base = "localtime", driftfix = "slew" } } },
  { "icount", grammar = "opts", implied = "shift", merges = true, source = "qemu-options.hx",
    doc = "time that counts instructions (TCG)",
    keys = {
      { "shift", kind = shift, doc = "one instruction takes 2^shift ns" },
      { "align", kind = kind.on_off, default = "off", doc = "wait for the host's clock" },
      { "sleep", kind = kind.on_off, default = "on", doc = "time passes while the guest sleeps" },
      { "rr", kind = kind.one_of { "record", "replay" }, doc = "record a run, or repeat it" },
      { "rrfile", kind = kind.path, doc = "file of the record" },
      { "rrsnapshot", kind = kind.text, doc = "snapshot where it begins" },
    },
    examples = { { "auto" }, { 3, sleep = false } } },
  { "echr", grammar = "text", kind = kind.byte, once = true, default = "1, control-a",
    doc = "code of the character that escapes to the monitor", examples = { { "0x14" } } },
  { "nodefaults", grammar = "flag", once = true, doc = "no default devices" },
  { "prom-env", grammar = "text", kind = variable,
    only = { "ppc", "ppc64", "sparc", "sparc64" },
    doc = "a variable of OpenBIOS", examples = { { "auto-boot?=false" } } },
  { "semihosting", grammar = "flag", once = true, only = has_semihosting,
    doc = "the guest may use files and the console of the host" },
  { "semihosting-config", grammar = "opts", once = true, only = has_semihosting,
    source = "semihosting/config.c", doc = "how the guest uses the host",
    keys = {
      { "enable", kind = kind.on_off, default = "on", doc = "whether it may" },
      { "target", kind = kind.one_of { "native", "gdb", "auto" }, default = "auto",
        doc = "who serves it; auto is gdb when it is connected" },
      { "userspace", kind = kind.on_off, default = "off",
        doc = "programs may, not the kernel alone" },
      { "chardev", kind = kind.ref "chardev", ref = "chardev", doc = "backend for the console" },
      { "arg", kind = kind.text, repeats = true, doc = "an argument for the guest" },
    },
    examples = { { enable = true, target = "native", arg = { "prog", "-v" } } } },
  { "old-param", grammar = "flag", once = true, only = { "arm", "aarch64" }, removed = "10.2",
    deprecated = "no board needs it", doc = "parameters for Arm kernels of long ago" },
  { "singlestep", grammar = "flag", once = true, removed = "9.0",
    deprecated = "from 8.1 on use -accel tcg,one-insn-per-tb=on",
    doc = "translate each instruction on its own" },
  { "readconfig", grammar = "text", kind = kind.file, unread = true,
    doc = "options in a file, as sections", examples = { { "vm.cfg" } } },
  { "no-user-config", grammar = "flag", once = true, doc = "no configuration of the host" },
}
