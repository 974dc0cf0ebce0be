return machine {
  name = "dev", memory = "1G",
  balloon { free_page_reporting = false, deflate_on_oom = true, id = "spare" },
}
