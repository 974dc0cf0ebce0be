return machine {
  cloud_init {
    user = "-oops",
    keys = { "ssh-ed25519 AAAA me", "missing.pub" },
    password = "two\nlines",
    run = { { "touch", 1 } },
    files = { ["etc/motd"] = "hello" },
    packages = { "vim", 7 },
    via = "floppy",
  } }
