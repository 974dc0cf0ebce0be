return machine {
  name = "dev",
  provision {},
  provision { "true", 7, "  " },
  provision { script = "setup.sh" },
  provision { "true", file = "provision-wrong.lua" },
  agent {},
}
