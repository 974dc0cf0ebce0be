-- SPDX-License-Identifier: MIT
return {
  { { id = "iqn.2026-01.org.example", user = "me", password_secret = "s0",
    header_digest = "NONE-CRC32C",
      initiator_name = "iqn.2026-01.org.example:vm", timeout = 5 },
    "id=iqn.2026-01.org.example,header-digest=NONE-CRC32C,"
      .. "initiator-name=iqn.2026-01.org.example:vm,"
      .. "password-secret=s0,timeout=5,user=me", try = {} },
  { { user = "me", password = "a,b" }, "password=a,,b,user=me", try = {} },
}
