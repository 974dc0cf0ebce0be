-- SPDX-License-Identifier: MIT
return { { { "a3f3ab93-0c1e-4ba2-8f1f-7b0b5a3d1d5e" }, "a3f3ab93-0c1e-4ba2-8f1f-7b0b5a3d1d5e",
  try = {} } }
