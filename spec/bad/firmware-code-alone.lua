-- host: { stamps = { ["/home/dev/vm/MY_CODE.fd"] = { bytes = 3653632 } } }
return machine {
  firmware = "MY_CODE.fd",
}
