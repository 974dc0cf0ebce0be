return machine { firmware = "/usr/share/OVMF/OVMF_CODE.ms.fd" }
