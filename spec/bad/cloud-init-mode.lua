return machine { cloud_init { files = { ["/a"] = { text = "a", mode = "rw-r--r--" } } } }
