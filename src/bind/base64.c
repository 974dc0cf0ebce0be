/* SPDX-License-Identifier: MIT */
/* lunik.core.base64: bytes as text and back. */
#include "../base64.h"
#include "bind.h"

static int
lib_encode(lua_State *L)
{
	size_t n, room;
	const char *s = luaL_checklstring(L, 1, &n);
	luaL_Buffer b;

	room = base64_encoded(n);
	base64_encode(s, n, luaL_buffinitsize(L, &b, room));
	luaL_pushresultsize(&b, room);
	return 1;
}

static int
lib_decode(lua_State *L)
{
	size_t n;
	const char *s = luaL_checklstring(L, 1, &n);
	luaL_Buffer b;
	long got;

	got = base64_decode(s, n, luaL_buffinitsize(L, &b, base64_decoded(n) + 1));
	if (got < 0) {
		luaL_pushresultsize(&b, 0);
		lua_pushnil(L);
		lua_pushliteral(L, "not base64");
		return 2;
	}
	luaL_pushresultsize(&b, (size_t)got);
	return 1;
}

static const luaL_Reg lib[] = {
	{ "encode", lib_encode },
	{ "decode", lib_decode },
	{ NULL, NULL },
};

int
bind_base64(lua_State *L)
{
	luaL_newlib(L, lib);
	return 1;
}
