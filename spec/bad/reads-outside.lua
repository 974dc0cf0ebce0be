local secret = read "../../.ssh/id_rsa"
return machine { append = secret }
