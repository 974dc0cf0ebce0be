return machine { nic { mac = "01:00:5e:00:00:01" } }
