/* SPDX-License-Identifier: MIT */
/* lunik.core.userns: a user namespace whose id map is to be written. */
#include "../userns.h"
#include "handle.h"

static void
shut(void *h)
{
	userns_close(h);
}

static const struct handle userns = {
	.type = USERNS_T,
	.closed = "closed userns",
	.size = sizeof(struct userns),
	.close = shut,
};

static int
lib_open(lua_State *L)
{
	struct userns *u = handle_new(L, &userns);
	struct err e;

	userns_init(u);
	return userns_open(u, &e) < 0 ? bind_fail(L, &e) : 1;
}

static int
m_pid(lua_State *L)
{
	const struct userns *u = handle_open(L, &userns);

	lua_pushinteger(L, u->proc.pid);
	return 1;
}

static const luaL_Reg lib[] = {
	{ "open", lib_open },
	{ NULL, NULL },
};

static const luaL_Reg methods[] = {
	{ "pid", m_pid },
	{ NULL, NULL },
};

int
bind_userns(lua_State *L)
{
	handle_type(L, &userns, methods);
	luaL_newlib(L, lib);
	return 1;
}
