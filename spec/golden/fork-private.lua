-- Memory that all clones stand in: a file that is mapped privately.
-- fork: { of = "vm", number = 1, private = true, mounts = {} }
return machine { name = "vm-1", memory = { size = "1G", kept = true },
  balloon { free_page_reporting = false } }
