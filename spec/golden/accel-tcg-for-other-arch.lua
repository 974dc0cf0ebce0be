return machine { arch = "aarch64", kernel = "vmlinuz" }
