-- SPDX-License-Identifier: MIT
-- Further serial ports; the console has the first unless a serial stands before it.
return {
  kinds = { "file", "socket" },
  doc = "a serial port that goes somewhere else than the console",
  example = 'serial { file = "serial.log" }',
}
