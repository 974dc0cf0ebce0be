return machine { agent {} }
