/* SPDX-License-Identifier: MIT */
/* Arguments that several doors take. */
#include <string.h>

#include "../due.h"
#include "bind.h"

#define LIST 1000000

int64_t
bind_due(lua_State *L, int idx)
{
	lua_Number seconds;

	if (lua_isnoneornil(L, idx))
		return DUE_NEVER;
	seconds = luaL_checknumber(L, idx);
	luaL_argcheck(L, seconds == seconds, idx, "seconds expected, got NaN");
	return due_after(seconds);
}

const char *
bind_string(lua_State *L, int idx)
{
	size_t n;
	const char *s = luaL_checklstring(L, idx, &n);

	luaL_argcheck(L, strlen(s) == n, idx, "string with a NUL in it");
	return s;
}

lua_Integer
bind_option(lua_State *L, int idx, const char *name, lua_Integer absent,
            lua_Integer most)
{
	lua_Integer n = absent;
	int isint = 1;

	if (lua_isnoneornil(L, idx))
		return absent;
	luaL_checktype(L, idx, LUA_TTABLE);
	lua_pushstring(L, name);
	if (lua_rawget(L, idx) != LUA_TNIL)
		n = lua_tointegerx(L, -1, &isint);
	lua_pop(L, 1);
	if (!isint || n < 0 || n > most)
		luaL_error(L, "%s: integer from 0 to %I expected", name, most);
	return n;
}

bool
bind_flag(lua_State *L, int idx, const char *name)
{
	bool on;

	if (lua_isnoneornil(L, idx))
		return false;
	luaL_checktype(L, idx, LUA_TTABLE);
	lua_pushstring(L, name);
	lua_rawget(L, idx);
	on = lua_toboolean(L, -1);
	lua_pop(L, 1);
	return on;
}

lua_Integer
bind_length(lua_State *L, int idx)
{
	lua_Unsigned n = lua_rawlen(L, idx);

	if (n > LIST)
		luaL_error(L, "a list of over %d values", LIST);
	return (lua_Integer)n;
}

unsigned
bind_fds(lua_State *L, int idx, int *fds, unsigned max)
{
	lua_Integer fd;
	lua_Unsigned i, n;
	int isint;

	if (lua_isnoneornil(L, idx))
		return 0;
	luaL_checktype(L, idx, LUA_TTABLE);
	n = lua_rawlen(L, idx);
	luaL_argcheck(L, n <= max, idx, "too many descriptors");
	for (i = 0; i < n; i++) {
		lua_rawgeti(L, idx, (lua_Integer)i + 1);
		fd = lua_tointegerx(L, -1, &isint);
		luaL_argcheck(L, isint && fd >= 0 && fd <= 0x7fffffff, idx,
		              "list of descriptors expected");
		fds[i] = (int)fd;
		lua_pop(L, 1);
	}
	return (unsigned)n;
}
