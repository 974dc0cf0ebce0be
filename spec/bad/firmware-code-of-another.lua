return machine {
  firmware = "/usr/share/AAVMF/AAVMF_CODE.fd",
}
