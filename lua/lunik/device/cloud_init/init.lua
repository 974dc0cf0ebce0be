-- SPDX-License-Identifier: MIT
-- What a guest with cloud-init does at its first boot.
return { kinds = { "nocloud" }, once = true, doc = "what cloud-init does at the first boot",
  example = 'cloud_init { user = "dev", packages = { "nginx" } }' }
