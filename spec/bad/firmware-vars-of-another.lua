return machine {
  firmware = { code = "/usr/share/OVMF/OVMF_CODE.fd", vars = "/usr/share/OVMF/OVMF_VARS.ms.fd" },
}
