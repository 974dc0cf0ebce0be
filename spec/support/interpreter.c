/* SPDX-License-Identifier: MIT */
/* A Lua interpreter that `make san` builds with the sanitizers: what it starts is then an
 * ordinary program, as it would not be under LD_PRELOAD.
 * Usage: interpreter [-e CODE] [SCRIPT [ARG…]] */
#include <lauxlib.h>
#include <lua.h>
#include <lualib.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* As Lua's own, but for sizes that the sanitizers would report rather than refuse. */
static void *
allocate(void *ud, void *old, size_t oldsize, size_t size)
{
	(void)ud;
	(void)oldsize;
	if (size == 0) {
		free(old);
		return NULL;
	}
	return size >> 34 ? NULL : realloc(old, size);
}

int
main(int argc, char **argv)
{
	lua_State *L = lua_newstate(allocate, NULL);
	int code = argc > 2 && strcmp(argv[1], "-e") == 0 ? 2 : 0;
	int i, script = code + 1, failed = 0;

	if (!L || argc < 2)
		return 2;
	luaL_openlibs(L);
	lua_createtable(L, argc, 1);
	for (i = 1; i < argc; i++) {
		lua_pushstring(L, argv[i]);
		lua_rawseti(L, -2, i - script);
	}
	lua_setglobal(L, "arg");
	if (code)
		failed = luaL_dostring(L, argv[code]);
	if (!failed && script < argc)
		failed = luaL_dofile(L, argv[script]);
	if (failed)
		fprintf(stderr, "%s\n", lua_tostring(L, -1));
	lua_close(L);
	return failed;
}
