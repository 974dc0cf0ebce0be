return machine { life = 0 }
