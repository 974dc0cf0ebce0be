return machine { arch = "s390x", type = "s390-ccw-virtio", accel = "tcg",
  cloud_init { via = "serial", from = "/seed" } }
