return machine {
  cpu = { "+invtsc", vmx = true },
}
