-- SPDX-License-Identifier: MIT
return { { { "/dev/shm" }, "/dev/shm", try = { "-m", "16M" } } }
