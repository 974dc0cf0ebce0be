-- host: { kvm = function() return nil, "guest code runs 600 times slower than it should" end }
return machine {
  accel = "kvm",
}
