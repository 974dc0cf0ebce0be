return machine { memory = "99999999P" }
