return machine {
  signs = { { text = "lost", name = "it\nis lost" } },
}
