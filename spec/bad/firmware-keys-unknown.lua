return machine {
  firmware = { code = "MY_CODE.fd", secure = true },
}
