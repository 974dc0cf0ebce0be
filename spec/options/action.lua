-- SPDX-License-Identifier: MIT
return {
  { { reboot = "shutdown", shutdown = "pause", panic = "exit-failure", watchdog = "inject-nmi" },
    "panic=exit-failure,reboot=shutdown,shutdown=pause,watchdog=inject-nmi", try = {} },
}
