/* SPDX-License-Identifier: MIT */
/* The list of calls that spawn refuses to a program. */
#include <stdbool.h>
#include <stdint.h>

#include "../refuse.h"
#include "refuse.h"

/* Reads the table on top of the stack; false where its call is not to be had here. */
static bool
refusal(lua_State *L, struct refusal *r)
{
	int row = lua_gettop(L);
	const char *name;

	if (!lua_istable(L, row))
		luaL_error(L, "spawn: refuse: list of tables expected");
	lua_pushliteral(L, "call");
	lua_rawget(L, row);
	name = lua_type(L, -1) == LUA_TSTRING ? lua_tostring(L, -1) : "?";
	r->call = refuse_number(name);
	if (r->call == -2)
		luaL_error(L, "spawn: refuse: no call '%s'", name);
	r->error = (int)bind_option(L, row, "error", 0, 4095);
	r->argument = (int)bind_option(L, row, "argument", 0, 5);
	r->bits = (uint32_t)bind_option(L, row, "bits", 0, UINT32_MAX);
	lua_pop(L, 1);
	return r->call >= 0;
}

const struct refusal *
bind_refusals(lua_State *L, size_t *count)
{
	lua_Integer i, n = bind_length(L, -1);
	struct refusal *list;
	size_t kept = 0;

	if (n > REFUSE_MOST)
		luaL_error(L, "spawn: refuse: more than %d calls", REFUSE_MOST);
	list = lua_newuserdatauv(L, (size_t)(n + 1) * sizeof *list, 0);
	for (i = 0; i < n; i++) {               /* list, refusals */
		lua_rawgeti(L, -2, i + 1);
		if (refusal(L, &list[kept]))
			kept++;
		lua_pop(L, 1);
	}
	*count = kept;
	return list;
}
