local function data(file)
  return disk { file = file }
end

return machine {
  data "missing-one.qcow2",
  data "missing-two.qcow2",
}
