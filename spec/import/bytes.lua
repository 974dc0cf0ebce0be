-- imported from bytes.sh, line 2
return machine {
  defaults = false,
  arch = "x86_64",

  qemu.append { "a\tb \xff\x01\"" },
  qemu.kernel { "k\\n" },
  qemu.fw_cfg { "opt/\xe2\x80\xae", string = "café \xc3" },
  qemu.pidfile { "it's" },
}
