/* SPDX-License-Identifier: MIT */
/* A Lua script of fuzz/ in a state that lives as long as the fuzzer; whatever raises in it is found.
 * What the script returns is on the stack from 1 on. */
#ifndef LUNIK_FUZZ_SCRIPT_H
#define LUNIK_FUZZ_SCRIPT_H

#include <lauxlib.h>
#include <lua.h>
#include <lualib.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#define SCRIPT_MOST ((size_t)1 << 16)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);
int luaopen_lunik_core(lua_State *L);

static lua_State *L;

static void
insist(int status)
{
	if (status == LUA_OK)
		return;
	fprintf(stderr, "%s\n", lua_tostring(L, -1));
	abort();
}

/* Loads the script, once; `results` are its functions. */
static void
script_start(const char *path, int results)
{
	if (L)
		return;
	L = luaL_newstate();
	if (!L)
		abort();
	luaL_openlibs(L);
	luaL_requiref(L, "lunik.core", luaopen_lunik_core, 0);
	lua_settop(L, 0);
	insist(luaL_loadfile(L, path));
	insist(lua_pcall(L, 0, results, 0));
}

/* Its first function, with the bytes. */
static int
script_read(const uint8_t *data, size_t n)
{
	int top = lua_gettop(L);

	if (n > SCRIPT_MOST)
		return 0;
	lua_pushvalue(L, 1);
	lua_pushlstring(L, (const char *)data, n);
	insist(lua_pcall(L, 1, 0, 0));
	lua_settop(L, top);
	return 0;
}

#endif
