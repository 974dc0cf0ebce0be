-- default < parts in list order < the machine's own fields; items add up
local function web(port)
  return part { memory = "2G", cpus = 2, nic { forward = { ["" .. port] = 80 } } }
end

return machine {
  memory = "3G",
  web(8080),
  part { cpus = 6, disk { file = "a.qcow2" }, part { disk { file = "b.qcow2" } } },
}
