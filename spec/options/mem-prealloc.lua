-- SPDX-License-Identifier: MIT
return { { {}, try = { "-m", "16M", "-mem-path", "/dev/shm" } } }
