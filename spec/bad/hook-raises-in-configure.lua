return machine {
  on("configure", function(raw) error "not on Sundays" end),
}
