-- host: { files = { ["/home/dev/vm/a.ign"] = '{"ignition":{"version":"3.4.0"}}' } }
return machine { arch = "s390x",
  credential { name = "c", value = "x" },
  ignition { file = "a.ign" } }
