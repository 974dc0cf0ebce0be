-- host: { virtiofsd = function() return nil, "no virtiofsd found: nowhere" end }
return machine {
  mount { from = "src" },
}
