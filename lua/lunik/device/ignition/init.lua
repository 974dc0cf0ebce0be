-- SPDX-License-Identifier: MIT
-- What Ignition does at the guest's first boot: Fedora CoreOS, Flatcar.
return { kinds = { "fw_cfg" }, once = true, doc = "what Ignition does at the first boot",
  example = 'ignition { file = "config.ign" }' }
