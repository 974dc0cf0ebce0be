-- host: { firmware = function() return { { name = "50-memory.json", device = "memory", features = {},
-- host:   interfaces = { uefi = true }, targets = { { arch = "x86_64", machines = { "pc-q35-*" } } },
-- host:   code = { path = "/usr/share/OVMF/OVMF.fd", format = "raw" } } } end }
return machine {
  firmware = { code = "/usr/share/OVMF/OVMF.fd", vars = "mine.fd" },
}
