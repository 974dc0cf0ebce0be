return machine { mount { from = "notes.txt" } }
