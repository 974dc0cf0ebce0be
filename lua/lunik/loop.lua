-- SPDX-License-Identifier: MIT
-- The public name of the loop, for programs that embed lunik.
return require "lunik.async.loop"
