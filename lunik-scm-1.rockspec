-- luaposix and argparse are rocks; json-c is the system's, found by pkg-config:
--   libjson-c-dev (Debian, Ubuntu), json-c-devel (Fedora), json-c (Arch), json-c-dev (Alpine)
rockspec_format = "3.0"
package = "lunik"
version = "scm-1"

source = { url = "git+https://github.com/lunik/lunik.git" }

description = {
  summary = "Launches QEMU machines from Lua recipes",
  detailed = [[
    A C core builds command lines, spawns processes and speaks QMP; Lua recipes compose
    machines, mounts and hot-plug policies; the core then carries out what was composed.]],
  license = "MIT",
  homepage = "https://github.com/lunik/lunik",
  issues_url = "https://github.com/lunik/lunik/issues",
  maintainer = "the lunik authors",
  labels = { "qemu", "virtualization", "linux", "commandline" },
}

supported_platforms = { "linux" }

dependencies = { "lua >= 5.4, < 5.6", "luaposix >= 35", "argparse >= 0.7" }

-- the Makefile looks for it, and names its packages where it is not there
external_dependencies = { ["JSON-C"] = {} }

build = {
  type = "make",
  build_target = "build",
  build_variables = {
    CC = "$(CC)",
    CFLAGS = "$(CFLAGS)",
    LUA = "$(LUA)",
    LUAINC = "-I$(LUA_INCDIR)",
  },
  install_target = "rock",
  install_variables = {
    CC = "$(CC)",
    CFLAGS = "$(CFLAGS)",
    LUA = "$(LUA)",
    LUAINC = "-I$(LUA_INCDIR)",
    LUADIR = "$(LUADIR)",
    LIBDIR = "$(LIBDIR)",
    BINDIR = "$(BINDIR)",
  },
  copy_directories = { "docs", "examples" },
}

test = { type = "command", command = "make -s check" }
