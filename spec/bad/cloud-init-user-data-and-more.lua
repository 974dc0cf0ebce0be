return machine {
  cloud_init {
    user_data = "user-data.yaml",
    packages = { "vim" },
  },
}
