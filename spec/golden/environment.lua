-- host: { environment = { DISK = "from-env.qcow2" } }
return machine { disk { file = env "DISK" or "fallback.qcow2" },
  env "NOT_SET" and disk { file = "no.qcow2" } }
