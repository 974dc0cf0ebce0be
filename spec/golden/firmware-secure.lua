-- host: { stamps = { ["/usr/share/OVMF/OVMF_VARS.ms.fd"] = { bytes = 540672 } } }
return machine { firmware = { secure = true, store = "keys.fd" }, tpm {} }
