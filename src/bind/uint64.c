/* SPDX-License-Identifier: MIT */
/* lunik.uint64: what JSON has and Lua's integers have not, 2^63 to 2^64-1. It
 * compares with numbers and prints itself; it does not calculate. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "uint64.h"
#include "value.h"

/* -1, 0, 1: how a uint64 userdata or a number compares with another */
static int
compare(lua_State *L)
{
	const uint64_t *a = luaL_testudata(L, 1, UINT64_T);
	const uint64_t *b = luaL_testudata(L, 2, UINT64_T);
	const uint64_t *u = a ? a : b;
	int sign = a ? 1 : -1;
	lua_Number n;

	if (a && b)
		return (*a > *b) - (*a < *b);
	n = luaL_checknumber(L, a ? 2 : 1);
	/* every double from 2^63 to 2^64 is an integer */
	if (n >= 0x1p64)
		return -sign;
	if (!(n >= 0x1p63))
		return sign;
	return sign * ((*u > (uint64_t)n) - (*u < (uint64_t)n));
}

/* asked of any two userdata, and no reason to raise */
static int
mt_eq(lua_State *L)
{
	const uint64_t *a = luaL_testudata(L, 1, UINT64_T);
	const uint64_t *b = luaL_testudata(L, 2, UINT64_T);

	lua_pushboolean(L, a && b && *a == *b);
	return 1;
}

static int
mt_lt(lua_State *L)
{
	lua_pushboolean(L, compare(L) < 0);
	return 1;
}

static int
mt_le(lua_State *L)
{
	lua_pushboolean(L, compare(L) <= 0);
	return 1;
}

static int
mt_tostring(lua_State *L)
{
	const uint64_t *u = luaL_checkudata(L, 1, UINT64_T);
	char s[32];

	snprintf(s, sizeof s, "%llu", (unsigned long long)*u);
	lua_pushstring(L, s);
	return 1;
}

static const luaL_Reg nothing[] = { { NULL, NULL } };
static const luaL_Reg meta[] = {
	{ "__eq", mt_eq },
	{ "__lt", mt_lt },
	{ "__le", mt_le },
	{ "__tostring", mt_tostring },
	{ NULL, NULL },
};

void
uint64_type(lua_State *L)
{
	bind_type(L, UINT64_T, nothing, meta);
}

static int
fromtext(lua_State *L, const char *s)
{
	struct err e;
	uint64_t u;

	if (!*s || strspn(s, "0123456789") != strlen(s)) {
		err_set(&e, EINVAL, "uint64 '%.40s': digits expected", s);
		return bind_fail(L, &e);
	}
	errno = 0;
	u = strtoull(s, NULL, 10);
	if (errno == ERANGE) {
		err_set(&e, ERANGE, "uint64 '%.40s': above 2^64-1", s);
		return bind_fail(L, &e);
	}
	value_pushunsigned(L, u);
	return 1;
}

int
uint64_new(lua_State *L)
{
	lua_settop(L, 1);
	if (luaL_testudata(L, 1, UINT64_T))
		return 1;
	if (lua_type(L, 1) == LUA_TSTRING)
		return fromtext(L, bind_string(L, 1));
	luaL_argcheck(L, luaL_checkinteger(L, 1) >= 0, 1, "negative");
	return 1;
}
