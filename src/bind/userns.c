/* SPDX-License-Identifier: MIT */
/* lunik.core.userns: a user namespace whose id map is to be written. */
#include "../userns.h"
#include "bind.h"

static struct userns *
touserns(lua_State *L)
{
	struct userns *u = luaL_checkudata(L, 1, USERNS_T);

	luaL_argcheck(L, u->fd >= 0, 1, "closed userns");
	return u;
}

static int
lib_open(lua_State *L)
{
	struct userns *u = lua_newuserdatauv(L, sizeof *u, 0);
	struct err e;

	userns_init(u);
	luaL_setmetatable(L, USERNS_T);
	return userns_open(u, &e) < 0 ? bind_fail(L, &e) : 1;
}

static int
m_pid(lua_State *L)
{
	lua_pushinteger(L, touserns(L)->proc.pid);
	return 1;
}

static int
m_fd(lua_State *L)
{
	lua_pushinteger(L, touserns(L)->fd);
	return 1;
}

static int
m_close(lua_State *L)
{
	userns_close(luaL_checkudata(L, 1, USERNS_T));
	return 0;
}

static const luaL_Reg lib[] = {
	{ "open", lib_open },
	{ NULL, NULL },
};

static const luaL_Reg methods[] = {
	{ "pid", m_pid },
	{ "fd", m_fd },
	{ "close", m_close },
	{ NULL, NULL },
};

int
bind_userns(lua_State *L)
{
	bind_handle(L, USERNS_T, methods);
	luaL_newlib(L, lib);
	return 1;
}
