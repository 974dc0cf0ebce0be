return machine { stop = { powerdwn = 3 } }
