/* SPDX-License-Identifier: MIT */
/* Any bytes as what a guest's agent or a client of the control socket says, read by the Lua that
 * reads them in a supervisor (readers.lua): whatever they are, nothing raises. */
#include <lauxlib.h>
#include <lua.h>
#include <lualib.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

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

/* The function that reads is at 1 from here on. */
static void
start(void)
{
	L = luaL_newstate();
	if (!L)
		abort();
	luaL_openlibs(L);
	luaL_requiref(L, "lunik.core", luaopen_lunik_core, 0);
	lua_settop(L, 0);
	insist(luaL_loadfile(L, "fuzz/readers.lua"));
	insist(lua_pcall(L, 0, 1, 0));
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	if (n > 1 << 16)
		return 0;
	if (!L)
		start();
	lua_pushvalue(L, 1);
	lua_pushlstring(L, (const char *)data, n);
	insist(lua_pcall(L, 1, 0, 0));
	lua_settop(L, 1);
	return 0;
}
