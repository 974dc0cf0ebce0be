return machine { cloud_init {},
  cloud_init {} }
