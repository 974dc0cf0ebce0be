-- SPDX-License-Identifier: MIT
return {
  { { "virtio_*", file = "@dir/l,og" }, "virtio_*,file=@dir/l,,og", try = {} },
  { { events = "@dir/ev,ents" },
    "events=@dir/ev,,ents", try = { { file = "@dir/ev,ents", size = 0 } } },
}
