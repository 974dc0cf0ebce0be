-- host: { listing = { ["/home/dev/vm"] = { "vmlinuz-missing" } } }
return machine { kernel = "vmlinux-missing" }
