/* SPDX-License-Identifier: MIT */
/* lunik.core.tap: ethernet taps as descriptors to hand on. */
#include <string.h>
#include <unistd.h>

#include "../tap.h"
#include "bind.h"

struct tap {
	int fd;                 /* -1: closed, or released */
	char name[IFNAMSIZ];
};

/* open(name, { vnet_hdr = bool }) */
static int
lib_open(lua_State *L)
{
	const char *name = bind_string(L, 1);
	bool vnet_hdr = false;
	struct tap *t;
	struct err e;

	luaL_argcheck(L, *name && strlen(name) < IFNAMSIZ, 1,
	              "interface name of 1 to 15 bytes expected");
	if (!lua_isnoneornil(L, 2)) {
		luaL_checktype(L, 2, LUA_TTABLE);
		lua_pushliteral(L, "vnet_hdr");
		lua_rawget(L, 2);
		vnet_hdr = lua_toboolean(L, -1);
	}
	t = lua_newuserdatauv(L, sizeof *t, 0);
	*t = (struct tap){ .fd = -1 };
	luaL_setmetatable(L, TAP_T);
	strcpy(t->name, name);
	t->fd = tap_open(t->name, vnet_hdr, &e);
	return t->fd < 0 ? bind_fail(L, &e) : 1;
}

static struct tap *
totap(lua_State *L)
{
	struct tap *t = luaL_checkudata(L, 1, TAP_T);

	luaL_argcheck(L, t->fd >= 0, 1, "closed tap");
	return t;
}

static int
m_fd(lua_State *L)
{
	lua_pushinteger(L, totap(L)->fd);
	return 1;
}

static int
m_name(lua_State *L)
{
	lua_pushstring(L, totap(L)->name);
	return 1;
}

/* The descriptor, which the caller now owns. */
static int
m_release(lua_State *L)
{
	struct tap *t = totap(L);

	lua_pushinteger(L, t->fd);
	t->fd = -1;
	return 1;
}

static int
m_close(lua_State *L)
{
	struct tap *t = luaL_checkudata(L, 1, TAP_T);

	if (t->fd >= 0)
		close(t->fd);
	t->fd = -1;
	return 0;
}

static const luaL_Reg lib[] = {
	{ "open", lib_open },
	{ NULL, NULL },
};

static const luaL_Reg methods[] = {
	{ "fd", m_fd },
	{ "name", m_name },
	{ "release", m_release },
	{ "close", m_close },
	{ NULL, NULL },
};

int
bind_tap(lua_State *L)
{
	bind_handle(L, TAP_T, methods);
	luaL_newlib(L, lib);
	return 1;
}
