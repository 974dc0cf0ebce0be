return machine {
  cpsu = 2,
  todo "-hda $1: only running the script would tell",
  disk { file = "missing.qcow2" },
}
