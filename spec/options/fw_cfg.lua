-- SPDX-License-Identifier: MIT
return {
  { { "opt/a,b", file = "@dir/f,ile" },
    "name=opt/a,,b,file=@dir/f,,ile", try = { { file = "@dir/f,ile", size = 5 } } },
  { { "opt/a", string = "x,id=y" }, "opt/a,string=x,,id=y", try = {} },
  { { name = "opt/c", string = "x" }, "name=opt/c,string=x", try = {} },
  { { "etc/cipher", gen_id = "t0" },
    "etc/cipher,gen_id=t0", try = { "-object", "tls-cipher-suites,id=t0,priority=NORMAL" } },
}
