return machine {
  on("plan", function(plan, machine)
    plan:add(qemu.device { "virtio-balloon-pci", id = "for-" .. machine.name })
  end),
}
