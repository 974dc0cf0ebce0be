-- host: { program = function(name) return not name:find "^m%l+$" and "/usr/bin/" .. name end }
return machine { cloud_init {} }
