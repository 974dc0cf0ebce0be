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

/* new(name, bytes [, sealable]): a handle */
static int
lib_new(lua_State *L)
{
	const char *name = bind_string(L, 1);
	lua_Integer bytes = luaL_checkinteger(L, 2);
	struct ram *r;
	struct err e;

	luaL_argcheck(L, bytes > 0, 2, "bytes expected");
	r = handle_new(L, &ram);
	r->fd = ram_new(name, bytes, lua_toboolean(L, 3), &e);
	return r->fd < 0 ? bind_fail(L, &e) : 1;
}

/* adopt(fd): a handle on memory that somebody sent */
static int
lib_adopt(lua_State *L)
{
	int fd = (int)luaL_checkinteger(L, 1);
	struct ram *r = handle_new(L, &ram);

	r->fd = fd;
	return 1;
}

/* seal() */
static int
m_seal(lua_State *L)
{
	struct ram *r = handle_open(L, &ram);
	struct err e;

	if (ram_seal(r->fd, &e) < 0)
		return bind_fail(L, &e);
	lua_pushboolean(L, true);
	return 1;
}

/* sealed(): whether it is, of memory that somebody sent */
static int
m_sealed(lua_State *L)
{
	lua_pushboolean(L, ram_is_sealed(((struct ram *)handle_open(L, &ram))->fd));
	return 1;
}

static const luaL_Reg lib[] = {
	{ "new", lib_new },
	{ "adopt", lib_adopt },
	{ NULL, NULL },
};

static const luaL_Reg methods[] = {
	{ "seal", m_seal },
	{ "sealed", m_sealed },
	{ NULL, NULL },
};

int
bind_ram(lua_State *L)
{
	handle_type(L, &ram, methods);
	luaL_newlib(L, lib);
	return 1;
}
