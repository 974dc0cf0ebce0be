/* SPDX-License-Identifier: MIT */
#include <string.h>
#include <unistd.h>

#include "handle.h"

void *
handle_new(lua_State *L, const struct handle *h)
{
	int *fd = lua_newuserdatauv(L, h->size, 0);

	memset(fd, 0, h->size);
	*fd = -1;
	luaL_setmetatable(L, h->type);
	return fd;
}

void *
handle_open(lua_State *L, const struct handle *h)
{
	int *fd = luaL_checkudata(L, 1, h->type);

	luaL_argcheck(L, *fd >= 0, 1, h->closed);
	return fd;
}

void
handle_close(void *fd)
{
	int *own = fd;

	if (*own >= 0)
		close(*own);
	*own = -1;
}

/* The kind of a method that all have: its upvalue. */
static const struct handle *
kind(lua_State *L)
{
	return lua_touserdata(L, lua_upvalueindex(1));
}

static int
m_fd(lua_State *L)
{
	const int *fd = handle_open(L, kind(L));

	lua_pushinteger(L, *fd);
	return 1;
}

static int
m_is_open(lua_State *L)
{
	const int *fd = luaL_checkudata(L, 1, kind(L)->type);

	lua_pushboolean(L, *fd >= 0);
	return 1;
}

static int
m_close(lua_State *L)
{
	const struct handle *h = kind(L);

	h->close(luaL_checkudata(L, 1, h->type));
	lua_pushboolean(L, 1);
	return 1;
}

static const luaL_Reg nothing[] = { { NULL, NULL } };
static const luaL_Reg shared[] = {
	{ "fd", m_fd },
	{ "is_open", m_is_open },
	{ "close", m_close },
	{ NULL, NULL },
};

void
handle_type(lua_State *L, const struct handle *h, const luaL_Reg *methods)
{
	bind_type(L, h->type, methods, nothing);
	luaL_getmetatable(L, h->type);
	lua_getfield(L, -1, "__index");         /* meta, methods */
	lua_pushlightuserdata(L, (void *)(uintptr_t)h);
	luaL_setfuncs(L, shared, 1);
	lua_getfield(L, -1, "close");           /* meta, methods, close */
	lua_pushvalue(L, -1);
	lua_setfield(L, -4, "__gc");
	lua_setfield(L, -3, "__close");
	lua_pop(L, 2);
}
