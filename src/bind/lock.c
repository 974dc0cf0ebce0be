/* SPDX-License-Identifier: MIT */
/* lunik.core.lock: a file locked for as long as anybody holds its descriptor. */
#include "../lock.h"
#include "handle.h"

struct lock {
	int fd;
};

static const struct handle lock = {
	.type = LOCK_T,
	.closed = "closed lock",
	.size = sizeof(struct lock),
	.close = handle_close,
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
	k = handle_new(L, &lock);
	k->fd = lock_take(path, due, &e);
	return k->fd < 0 ? bind_fail(L, &e) : 1;
}

static const luaL_Reg lib[] = {
	{ "take", lib_take },
	{ NULL, NULL },
};

static const luaL_Reg methods[] = { { NULL, NULL } };

int
bind_lock(lua_State *L)
{
	handle_type(L, &lock, methods);
	luaL_newlib(L, lib);
	return 1;
}
