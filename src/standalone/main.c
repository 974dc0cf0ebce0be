/* SPDX-License-Identifier: MIT */
/* lunik in one executable: Lua, json-c and the core are linked in, and its modules follow the
 * program in its own file, with the place where they begin as the last 20 bytes. luaposix's
 * libraries lie beside it, in posix/. What is done with all that is src/standalone/boot.lua. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <lauxlib.h>
#include <lualib.h>

#include "boot.h"

#define PATH 4096

int luaopen_lunik_core(lua_State *L);

/* The command line as Lua's own program has it: arg[0] is the program. */
static void
put_arguments(lua_State *L, int argc, char **argv, const char *program)
{
	int i;

	lua_createtable(L, argc, 1);
	lua_pushstring(L, program);
	lua_rawseti(L, -2, 0);
	for (i = 1; i < argc; i++) {
		lua_pushstring(L, argv[i]);
		lua_rawseti(L, -2, i);
	}
	lua_setglobal(L, "arg");
}

static int
run(lua_State *L)
{
	luaL_openlibs(L);
	luaL_getsubtable(L, LUA_REGISTRYINDEX, LUA_PRELOAD_TABLE);
	lua_pushcfunction(L, luaopen_lunik_core);
	lua_setfield(L, -2, "lunik.core");
	lua_pop(L, 1);
	put_arguments(L, *(int *)lua_touserdata(L, 1), lua_touserdata(L, 2), lua_tostring(L, 3));
	if (luaL_loadbuffer(L, (const char *)boot, sizeof boot, "=boot") != LUA_OK)
		return lua_error(L);
	lua_call(L, 0, 0);
	return 0;
}

int
main(int argc, char **argv)
{
	static char program[PATH];
	ssize_t len = readlink("/proc/self/exe", program, sizeof program - 1);
	lua_State *L = luaL_newstate();

	if (!L || len < 0) {
		fputs("lunik: no memory, or no /proc\n", stderr);
		return 70;
	}
	lua_pushcfunction(L, run);
	lua_pushlightuserdata(L, &argc);
	lua_pushlightuserdata(L, argv);
	lua_pushstring(L, program);
	if (lua_pcall(L, 3, 0, 0) != LUA_OK)
		fprintf(stderr, "lunik: bug: %s\n", lua_tostring(L, -1));
	return 70;
}
