local small = setmetatable({}, { __index = { file = "a.qcow2" } })
return machine {
  disk(small),
}
