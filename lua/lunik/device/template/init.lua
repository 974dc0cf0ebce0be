-- SPDX-License-Identifier: MIT
-- A machine that is booted and prepared once, of which every start is a clone.
return { kinds = { "prepared" }, once = true,
  doc = "what is booted and prepared once, so that every start of the machine is a clone of it",
  example = 'template { prepare = function(vm) vm:exec { "make", "deps" } end, keep = "7d" }' }
