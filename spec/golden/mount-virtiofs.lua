return machine { mount { from = "src", to = "/work" } }
