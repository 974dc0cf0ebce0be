-- SPDX-License-Identifier: MIT
-- Numbers of signals: these are the same on every architecture, signal(7).
return { HUP = 1, INT = 2, QUIT = 3, KILL = 9, PIPE = 13, TERM = 15 }
