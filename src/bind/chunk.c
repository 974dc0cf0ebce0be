/* SPDX-License-Identifier: MIT */
/* lunik.core.chunk: a compiled module out of the file that holds them all. It is read where it
 * is wanted, in pieces on the stack: no string of it is left to collect, and processes that
 * share the file after a fork do not move each other's place in it. */
#include <errno.h>
#include <stdio.h>
#include <unistd.h>

#include "bind.h"

#define PIECE 16384

struct source {
	int fd;
	off_t at;
	size_t left;
	char piece[PIECE];
};

/* An end before its time is a chunk that Lua calls truncated. */
static const char *
next(lua_State *L, void *ud, size_t *size)
{
	struct source *s = ud;
	ssize_t n;

	(void)L;
	do
		n = pread(s->fd, s->piece, s->left < PIECE ? s->left : PIECE, s->at);
	while (n < 0 && errno == EINTR);
	*size = n > 0 ? (size_t)n : 0;
	s->at += (off_t)*size;
	s->left -= *size;
	return *size > 0 ? s->piece : NULL;
}

/* load(file, at, size, name): the function | nil, why */
static int
lib_load(lua_State *L)
{
	luaL_Stream *file = luaL_checkudata(L, 1, LUA_FILEHANDLE);
	lua_Integer at = luaL_checkinteger(L, 2), size = luaL_checkinteger(L, 3);
	const char *name = luaL_checkstring(L, 4);
	struct source s;

	luaL_argcheck(L, file->closef, 1, "the file is closed");
	luaL_argcheck(L, at >= 0, 2, "not negative");
	luaL_argcheck(L, size >= 0, 3, "not negative");
	s.fd = fileno(file->f);
	s.at = (off_t)at;
	s.left = (size_t)size;
	if (lua_load(L, next, &s, name, "b") == LUA_OK)
		return 1;
	lua_pushnil(L);
	lua_insert(L, -2);                      /* nil, why */
	return 2;
}

static const luaL_Reg lib[] = {
	{ "load", lib_load },
	{ NULL, NULL },
};

int
bind_chunk(lua_State *L)
{
	luaL_newlib(L, lib);
	return 1;
}
