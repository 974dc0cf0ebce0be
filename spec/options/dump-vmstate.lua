-- SPDX-License-Identifier: MIT
return {
  { { "@dir/a,b.json" }, "@dir/a,b.json", try = { "-machine", "none", exits = true } },
}
