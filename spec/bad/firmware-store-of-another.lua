-- host: { stamps = { ["/home/dev/vm/mine.fd"] = { bytes = 131072 }, ["/usr/share/OVMF/OVMF_VARS.fd"] = { bytes = 540672 } } }
return machine {
  firmware = { store = "mine.fd" },
}
