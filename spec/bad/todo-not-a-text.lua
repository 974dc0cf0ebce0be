return machine { todo { "x" } }
