host.run { "true" }
return machine {}
