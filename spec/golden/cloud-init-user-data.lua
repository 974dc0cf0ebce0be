return machine { name = "web_1", ssh {}, nic {}, cloud_init { user_data = "user-data.yaml" },
  mount { from = ".", to = "/work" } }
