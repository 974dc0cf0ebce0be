-- SPDX-License-Identifier: MIT
-- The version of lunik; of its API and of its control socket, too.
return "0.1.0"
