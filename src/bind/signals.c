/* SPDX-License-Identifier: MIT */
/* lunik.core.signals: signals read from a descriptor. */
#include "../signals.h"
#include "handle.h"

#define MOST 64

static void
shut(void *h)
{
	signals_close(h);
}

static const struct handle signals = {
	.type = SIGNALS_T,
	.closed = "closed signals",
	.size = sizeof(struct signals),
	.close = shut,
};

static int
lib_open(lua_State *L)
{
	int signos[MOST], isint;
	struct signals *s;
	lua_Integer i, n, signo;
	struct err e;

	luaL_checktype(L, 1, LUA_TTABLE);
	n = (lua_Integer)lua_rawlen(L, 1);
	luaL_argcheck(L, n > 0 && n <= MOST, 1, "list of signals expected");
	for (i = 0; i < n; i++) {
		lua_rawgeti(L, 1, i + 1);
		signo = lua_tointegerx(L, -1, &isint);
		luaL_argcheck(L, isint && signo > 0 && signo <= MOST, 1,
		              "list of signals expected");
		signos[i] = (int)signo;
		lua_pop(L, 1);
	}
	s = handle_new(L, &signals);
	signals_init(s);
	return signals_open(s, signos, (size_t)n, &e) < 0 ? bind_fail(L, &e) : 1;
}

static int
m_next(lua_State *L)
{
	struct signals *s = handle_open(L, &signals);
	struct err e;
	int signo = signals_next(s, bind_due(L, 2), &e);

	if (signo < 0)
		return bind_fail(L, &e);
	lua_pushinteger(L, signo);
	return 1;
}

static const luaL_Reg lib[] = {
	{ "open", lib_open },
	{ NULL, NULL },
};

static const luaL_Reg methods[] = {
	{ "next", m_next },
	{ NULL, NULL },
};

int
bind_signals(lua_State *L)
{
	handle_type(L, &signals, methods);
	luaL_newlib(L, lib);
	return 1;
}
