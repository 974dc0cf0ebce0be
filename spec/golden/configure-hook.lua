return machine {
  cpus = 1,
  on("configure", function(raw) raw.cpus = raw.cpus + 2 end),
}
