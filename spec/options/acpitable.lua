-- SPDX-License-Identifier: MIT
return {
  { { sig = "OEM1", rev = 1, oem_id = "LUNIK", oem_table_id = "LUNIKTAB", oem_rev = 2,
    asl_compiler_id = "LNIK",
      asl_compiler_rev = 3, data = "@dir/a,b.bin" },
    "sig=OEM1,asl_compiler_id=LNIK,asl_compiler_rev=3,data=@dir/a,,b.bin,oem_id=LUNIK,oem_rev=2,"
      .. "oem_table_id=LUNIKTAB,rev=1",
    try = { { file = "@dir/a,b.bin", size = 16 } } },
  { { "@dir/table.bin", sig = "OEM2" }, "@dir/table.bin,sig=OEM2",
    try = { { file = "@dir/table.bin", size = 16 } } },
  { { file = "@dir/whole.bin" }, "file=@dir/whole.bin",
    try = { { file = "@dir/whole.bin", text = "OEM3\36\0\0\0" .. ("\0"):rep(28) } } },
}
