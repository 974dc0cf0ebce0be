-- SPDX-License-Identifier: MIT
return { { { "/usr/share/qe,mu" }, "/usr/share/qe,mu", try = {} } }
