return machine { cloud_init { files = { ["/a"] = { mode = "0644" } } },
  }
