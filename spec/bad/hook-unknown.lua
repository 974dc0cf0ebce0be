return machine {
  on("raedy", function() end),
}
