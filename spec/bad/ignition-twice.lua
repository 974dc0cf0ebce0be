-- host: { files = { ["/home/dev/vm/a.ign"] = '{"ignition":{"version":"3.4.0"}}', ["/home/dev/vm/b.ign"] = "{}" } }
return machine {
  ignition { file = "a.ign" },
  ignition { file = "a.ign" },
}
