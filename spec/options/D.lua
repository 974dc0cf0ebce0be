-- SPDX-License-Identifier: MIT
return { { { "@dir/l,og" }, "@dir/l,og", try = { "-d", "unimp" } } }
