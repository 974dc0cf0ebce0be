local text = ("a"):rep(3000)
return machine { append = text:match(("a-"):rep(9) .. "b") }
