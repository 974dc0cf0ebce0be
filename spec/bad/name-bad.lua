return machine { name = "../etc" }
