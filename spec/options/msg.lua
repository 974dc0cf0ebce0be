-- SPDX-License-Identifier: MIT
return { { { timestamp = true, guest_name = true }, "guest-name=on,timestamp=on", try = {} } }
