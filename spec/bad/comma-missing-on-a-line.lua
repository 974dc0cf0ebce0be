return machine { agent {} nic {} }
