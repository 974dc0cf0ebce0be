return machine {
  qemu.object { "rng-random",
    id = { [2 ^ 53] = "a" } },
}
