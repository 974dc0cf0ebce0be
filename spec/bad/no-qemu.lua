-- host: { program = function() return nil end }
return machine {}
