return machine {
  credential { name = "fstab.extra", value = "tmpfs /scratch tmpfs size=1g 0 0" },
  mount { from = ".", to = "/work" },
}
