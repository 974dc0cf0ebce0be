/* SPDX-License-Identifier: MIT */
#include "../json.h"
#include "../split.h"
#include "splitter.h"

#define SPLITTER_T "lunik.splitter"

int
splitter_new(lua_State *L)
{
	lua_Integer nesting = bind_option(L, 1, "nesting", JSON_NESTING, JSON_DEEPEST);
	lua_Integer size = bind_option(L, 1, "size", JSON_SIZE, JSON_LONGEST);
	struct split *s = lua_newuserdatauv(L, sizeof *s, 0);

	split_init(s, (unsigned)nesting, (size_t)size);
	luaL_setmetatable(L, SPLITTER_T);
	return 1;
}

static int
m_feed(lua_State *L)
{
	struct split *s = luaL_checkudata(L, 1, SPLITTER_T);
	size_t n;
	const char *bytes = luaL_checklstring(L, 2, &n);
	struct err e;

	if (split_feed(s, bytes, n, &e) < 0)
		return bind_fail(L, &e);
	lua_pushboolean(L, 1);
	return 1;
}

static int
m_next(lua_State *L)
{
	struct split *s = luaL_checkudata(L, 1, SPLITTER_T);
	const char *text;
	struct err e;
	size_t n;
	int r = split_next(s, &text, &n, &e);

	if (r < 0)
		return bind_fail(L, &e);
	if (r == 0)
		lua_pushnil(L);
	else
		lua_pushlstring(L, text, n);
	split_settle(s);
	return 1;
}

/* held(): bytes that wait for the rest of their object */
static int
m_held(lua_State *L)
{
	struct split *s = luaL_checkudata(L, 1, SPLITTER_T);

	lua_pushinteger(L, (lua_Integer)(s->end - s->start));
	return 1;
}

static int
mt_gc(lua_State *L)
{
	split_done(luaL_checkudata(L, 1, SPLITTER_T));
	return 0;
}

static const luaL_Reg methods[] = {
	{ "feed", m_feed },
	{ "next", m_next },
	{ "held", m_held },
	{ NULL, NULL },
};

static const luaL_Reg meta[] = { { "__gc", mt_gc }, { NULL, NULL } };

void
splitter_type(lua_State *L)
{
	bind_type(L, SPLITTER_T, methods, meta);
}
