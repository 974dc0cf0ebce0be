-- SPDX-License-Identifier: MIT
return { { {}, try = "stops before the machine: the QMP command that goes on is experimental" } }
