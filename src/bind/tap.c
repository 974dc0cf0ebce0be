/* SPDX-License-Identifier: MIT */
/* lunik.core.tap: ethernet taps as descriptors to hand on. */
#include <string.h>

#include "../tap.h"
#include "handle.h"

struct tap {
	int fd;                 /* -1: closed, or released */
	char name[IFNAMSIZ];
};

static const struct handle tap = {
	.type = TAP_T,
	.closed = "closed tap",
	.size = sizeof(struct tap),
	.close = handle_close,
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
	t = handle_new(L, &tap);
	strcpy(t->name, name);
	t->fd = tap_open(t->name, vnet_hdr, &e);
	return t->fd < 0 ? bind_fail(L, &e) : 1;
}

static int
m_name(lua_State *L)
{
	const struct tap *t = handle_open(L, &tap);

	lua_pushstring(L, t->name);
	return 1;
}

/* The descriptor, which the caller now owns. */
static int
m_release(lua_State *L)
{
	struct tap *t = handle_open(L, &tap);

	lua_pushinteger(L, t->fd);
	t->fd = -1;
	return 1;
}

static const luaL_Reg lib[] = {
	{ "open", lib_open },
	{ NULL, NULL },
};

static const luaL_Reg methods[] = {
	{ "name", m_name },
	{ "release", m_release },
	{ NULL, NULL },
};

int
bind_tap(lua_State *L)
{
	handle_type(L, &tap, methods);
	luaL_newlib(L, lib);
	return 1;
}
