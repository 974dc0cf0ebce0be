-- host: { files = { ["/home/dev/vm/config.ign"] = '{"ignition":{"version":"3.4.0"}}' } }
-- All clones have the same medium, the same directories and the same texts; a daemon's directory
-- comes once the guest answers.
-- fork: { of = "vm", number = 1, mounts = {} }
return machine {
  name = "vm-1",
  cdrom { file = "debian.iso" },
  mount { from = "src" },
  mount { kind = "9p", from = "doc", readonly = true },
  credential { name = "passwd.hashed-password.root", value = "x" },
  ignition { file = "config.ign" },
}
