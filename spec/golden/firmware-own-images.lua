return machine { firmware = { code = "MY_CODE.qcow2", vars = "MY_VARS.fd", secure = true } }
