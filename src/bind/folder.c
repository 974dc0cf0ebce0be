/* SPDX-License-Identifier: MIT */
/* lunik.core.folder: directories, looked at and made without following a link; and what a walk that
 * follows none needs beside what luaposix has. */
#include <fcntl.h>

#include "../folder.h"
#include "bind.h"

/* look(path [, make]): { uid, mode, made } */
static int
lib_look(lua_State *L)
{
	const char *path = bind_string(L, 1);
	struct folder f;
	struct err e;

	if (folder_look(path, lua_toboolean(L, 2), &f, &e) < 0)
		return bind_fail(L, &e);
	lua_createtable(L, 0, 3);
	lua_pushinteger(L, f.uid);
	lua_setfield(L, -2, "uid");
	lua_pushinteger(L, f.mode);
	lua_setfield(L, -2, "mode");
	lua_pushboolean(L, f.made);
	lua_setfield(L, -2, "made");
	return 1;
}

/* touch(path, seconds [, nanoseconds]): when it was changed last; of a link itself */
static int
lib_touch(lua_State *L)
{
	const char *path = bind_string(L, 1);
	lua_Integer nanos = luaL_optinteger(L, 3, 0);
	struct timespec at = { .tv_sec = luaL_checkinteger(L, 2), .tv_nsec = nanos };
	struct err e;

	luaL_argcheck(L, nanos >= 0 && nanos < 1000000000, 3, "less than a second expected");
	if (folder_touch(path, &at, &e) < 0)
		return bind_fail(L, &e);
	lua_pushboolean(L, true);
	return 1;
}

/* changed(path | descriptor [, follow]): seconds, nanoseconds; of a link itself, unless it is to be
 * followed */
static int
lib_changed(lua_State *L)
{
	int fd = lua_isinteger(L, 1) ? (int)lua_tointeger(L, 1) : -1;
	const char *path = fd < 0 ? bind_string(L, 1) : "the descriptor";
	struct timespec at;
	struct err e;

	if (folder_changed(fd, path, lua_toboolean(L, 2), &at, &e) < 0)
		return bind_fail(L, &e);
	lua_pushinteger(L, at.tv_sec);
	lua_pushinteger(L, at.tv_nsec);
	return 2;
}

static const luaL_Reg lib[] = {
	{ "look", lib_look },
	{ "touch", lib_touch },
	{ "changed", lib_changed },
	{ NULL, NULL },
};

int
bind_folder(lua_State *L)
{
	luaL_newlib(L, lib);
	lua_pushinteger(L, O_DIRECTORY);
	lua_setfield(L, -2, "DIRECTORY");
	lua_pushinteger(L, O_NOFOLLOW);
	lua_setfield(L, -2, "NOFOLLOW");
	lua_pushinteger(L, O_PATH);
	lua_setfield(L, -2, "PATH");
	return 1;
}
