/* SPDX-License-Identifier: MIT */
/* The floor of bench/line: a C program that knows the command line's shape and does nothing
 * but malloc and snprintf its strings, unchecked and unquoted. */
#include <lauxlib.h>
#include <lua.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static char *
copy(const char *s)
{
	size_t size = strlen(s) + 1;
	char *out = malloc(size);

	if (out)
		snprintf(out, size, "%s", s);
	return out;
}

/* strings(list, count): seconds to make all strings of the list `count` times */
static int
lib_strings(lua_State *L)
{
	lua_Integer i, n = (lua_Integer)lua_rawlen(L, 1), count = luaL_checkinteger(L, 2);
	const char **from = lua_newuserdatauv(L, (size_t)n * sizeof *from, 0);
	char **to = lua_newuserdatauv(L, (size_t)n * sizeof *to, 0);
	struct timespec a, b;

	for (i = 0; i < n; i++) {
		lua_rawgeti(L, 1, i + 1);
		from[i] = lua_tostring(L, -1);
		lua_pop(L, 1);
	}
	clock_gettime(CLOCK_MONOTONIC, &a);
	while (count-- > 0) {
		for (i = 0; i < n; i++)
			to[i] = copy(from[i]);
		for (i = 0; i < n; i++)
			free(to[i]);
	}
	clock_gettime(CLOCK_MONOTONIC, &b);
	lua_pushnumber(L, (double)(b.tv_sec - a.tv_sec) + (double)(b.tv_nsec - a.tv_nsec) / 1e9);
	return 1;
}

struct counter {
	lua_Alloc alloc;
	void *ud;
	lua_Integer count;
};

static void *
counting(void *ud, void *block, size_t before, size_t after)
{
	struct counter *c = ud;

	if (after > 0 && (!block || after > before))
		c->count++;
	return c->alloc(c->ud, block, before, after);
}

/* allocations(f): how many f() makes */
static int
lib_allocations(lua_State *L)
{
	struct counter c = { NULL, NULL, 0 };

	c.alloc = lua_getallocf(L, &c.ud);
	lua_settop(L, 1);
	lua_setallocf(L, counting, &c);
	lua_call(L, 0, 0);
	lua_setallocf(L, c.alloc, c.ud);
	lua_pushinteger(L, c.count);
	return 1;
}

static const luaL_Reg lib[] = {
	{ "strings", lib_strings },
	{ "allocations", lib_allocations },
	{ NULL, NULL },
};

__attribute__((visibility("default"))) int luaopen_floor_argv(lua_State *L);

int
luaopen_floor_argv(lua_State *L)
{
	luaL_newlib(L, lib);
	return 1;
}
