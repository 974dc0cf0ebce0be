return machine { mount { from = "a", to = "work" } }
