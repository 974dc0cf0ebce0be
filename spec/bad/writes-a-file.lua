local file = io.open("/tmp/x", "w")
file:write "x"
return machine {}
