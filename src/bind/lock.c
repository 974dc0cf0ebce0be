/* SPDX-License-Identifier: MIT */
/* lunik.core.lock: a file locked for as long as anybody holds its descriptor. */
#include <unistd.h>

#include "../lock.h"
#include "bind.h"

struct lock {
	int fd;                 /* -1: closed */
};

static int
lib_take(lua_State *L)
{
	const char *path = bind_string(L, 1);
	struct lock *k;
	int64_t due = 0;
	struct err e;

	if (!lua_isnoneornil(L, 2)) {
		luaL_checktype(L, 2, LUA_TTABLE);
		lua_pushliteral(L, "wait");
		if (lua_rawget(L, 2) != LUA_TNIL)
			due = bind_due(L, -1);
	}
	k = lua_newuserdatauv(L, sizeof *k, 0);
	k->fd = -1;
	luaL_setmetatable(L, LOCK_T);
	k->fd = lock_take(path, due, &e);
	return k->fd < 0 ? bind_fail(L, &e) : 1;
}

static int
m_fd(lua_State *L)
{
	struct lock *k = luaL_checkudata(L, 1, LOCK_T);

	luaL_argcheck(L, k->fd >= 0, 1, "closed lock");
	lua_pushinteger(L, k->fd);
	return 1;
}

static int
m_close(lua_State *L)
{
	struct lock *k = luaL_checkudata(L, 1, LOCK_T);

	if (k->fd >= 0)
		close(k->fd);
	k->fd = -1;
	return 0;
}

static const luaL_Reg lib[] = {
	{ "take", lib_take },
	{ NULL, NULL },
};

static const luaL_Reg methods[] = {
	{ "fd", m_fd },
	{ "close", m_close },
	{ NULL, NULL },
};

int
bind_lock(lua_State *L)
{
	bind_handle(L, LOCK_T, methods);
	luaL_newlib(L, lib);
	return 1;
}
