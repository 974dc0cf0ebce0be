return machine {
  raw { "-fw_cfg", "opt/com.example/seed,file=seed.bin" },
}
