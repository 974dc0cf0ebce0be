-- What a machine is given to come and to go; what nobody has said is lunik's.
return machine { ready_within = "10m", stop = { powerdown = "2m", term = 8 } }
