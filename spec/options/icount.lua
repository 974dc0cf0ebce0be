-- SPDX-License-Identifier: MIT
return {
  { { "auto", align = false, sleep = true }, "auto,align=off,sleep=on", try = {} },
  { { 3, sleep = false }, "3,sleep=off", try = {} },
  { { 3, rr = "record", rrfile = "@dir/r,r" },
    "3,rr=record,rrfile=@dir/r,,r", try = { "-nodefaults" } },
  { { "auto", rr = "replay", rrfile = "r", rrsnapshot = "s" },
    "auto,rr=replay,rrfile=r,rrsnapshot=s", try = "needs a record" },
}
