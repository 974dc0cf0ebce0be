/* SPDX-License-Identifier: MIT */
/* lunik.core.signals: signals read from a descriptor. */
#include "../signals.h"
#include "bind.h"

#define MOST 64

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
	s = lua_newuserdatauv(L, sizeof *s, 0);
	signals_init(s);
	luaL_setmetatable(L, SIGNALS_T);
	return signals_open(s, signos, (size_t)n, &e) < 0 ? bind_fail(L, &e) : 1;
}

static struct signals *
tosignals(lua_State *L)
{
	struct signals *s = luaL_checkudata(L, 1, SIGNALS_T);

	luaL_argcheck(L, s->fd >= 0, 1, "closed signals");
	return s;
}

static int
m_fd(lua_State *L)
{
	lua_pushinteger(L, tosignals(L)->fd);
	return 1;
}

static int
m_next(lua_State *L)
{
	struct signals *s = tosignals(L);
	struct err e;
	int signo = signals_next(s, bind_due(L, 2), &e);

	if (signo < 0)
		return bind_fail(L, &e);
	lua_pushinteger(L, signo);
	return 1;
}

static int
m_close(lua_State *L)
{
	signals_close(luaL_checkudata(L, 1, SIGNALS_T));
	return 0;
}

static const luaL_Reg lib[] = {
	{ "open", lib_open },
	{ NULL, NULL },
};

static const luaL_Reg methods[] = {
	{ "fd", m_fd },
	{ "next", m_next },
	{ "close", m_close },
	{ NULL, NULL },
};

int
bind_signals(lua_State *L)
{
	bind_handle(L, SIGNALS_T, methods);
	luaL_newlib(L, lib);
	return 1;
}
