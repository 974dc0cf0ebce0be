local function data(file)
  return disk {
    file = file,
  }
end
local function both() return { data "missing.qcow2" } end
return machine { both() }
