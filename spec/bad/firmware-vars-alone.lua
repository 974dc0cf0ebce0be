return machine {
  firmware = { vars = "/usr/share/OVMF/OVMF_VARS.fd" },
}
