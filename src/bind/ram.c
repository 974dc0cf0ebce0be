/* SPDX-License-Identifier: MIT */
/* lunik.core.ram: a guest's memory. */
#include "../ram.h"
#include "handle.h"

struct ram {
	int fd;
};

static const struct handle ram = {
	.type = RAM_T,
	.closed = "closed memory",
	.size = sizeof(struct ram),
	.close = handle_close,
};

/* new(name, bytes): a handle */
static int
lib_new(lua_State *L)
{
	const char *name = bind_string(L, 1);
	lua_Integer bytes = luaL_checkinteger(L, 2);
	struct ram *r;
	struct err e;

	luaL_argcheck(L, bytes > 0, 2, "bytes expected");
	r = handle_new(L, &ram);
	r->fd = ram_new(name, bytes, &e);
	return r->fd < 0 ? bind_fail(L, &e) : 1;
}

static const luaL_Reg lib[] = {
	{ "new", lib_new },
	{ NULL, NULL },
};

static const luaL_Reg methods[] = { { NULL, NULL } };

int
bind_ram(lua_State *L)
{
	handle_type(L, &ram, methods);
	luaL_newlib(L, lib);
	return 1;
}
