-- imported from defaults.sh, line 14
-- $QEMU is not set here: its default is taken
-- $UUID is not set here: its default is taken
-- conditions were not tried: what any branch sets is set
return machine {
  defaults = false,
  arch = "x86_64",
  name = env "NAME" or "web",
  cpus = tonumber(env "CPUS" or "4"),
  memory = env "MEM" or "2G",

  qemu.drive { file = (env "IMAGES" or "/srv/my images") .. "/root.img", ["if"] = "virtio" },
  todo "-cdrom $each: only running the script would tell",
  todo "-hdb $1: only running the script would tell",
  todo "-hdc ${map[a]}: only running the script would tell",
  qemu.object { "memory-backend-ram", id = "ram", size = env "MEM" or "2G" },
  -- QEMU's monitor was on it too: lunik qmp has that
  console {},
  todo "-append ${append[*]}: only running the script would tell",
  todo "-uuid $(uuidgen): only running the script would tell",
}
