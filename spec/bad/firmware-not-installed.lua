-- host: { firmware = function() return {} end }
return machine {
  firmware = "uefi",
}
