-- SPDX-License-Identifier: MIT
return require "support.short_forms" ({ "none", "mon", "chardev", "mux" })
