return machine {
  signs = { "cannot import 'rpool'",
            { text = "zfs>", name = "the guest asks what to do", prompt = true } },
}
