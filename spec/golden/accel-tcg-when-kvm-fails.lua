-- host: { kvm = function() return nil, "no /dev/kvm" end }
return machine {}
