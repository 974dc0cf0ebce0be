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
}

supported_platforms = { "linux" }

dependencies = { "lua >= 5.4, < 5.5", "luaposix >= 35", "argparse >= 0.7" }

external_dependencies = {
  ["JSON-C"] = { header = "json-c/json.h", library = "json-c" },
}

build = {
  type = "make",
  build_target = "build",
  build_variables = {
    CC = "$(CC)",
    CFLAGS = "$(CFLAGS)",
    LUA = "$(LUA)",
    LUAINC = "-I$(LUA_INCDIR)",
  },
  install_target = "install",
  install_variables = {
    LUADIR = "$(LUADIR)",
    LIBDIR = "$(LIBDIR)",
    BINDIR = "$(BINDIR)",
  },
}
