-- bytes in the largest exact unit
return machine { memory = "1536M" }
