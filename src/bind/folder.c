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

/* touch(path, seconds): when it was changed last; of a link itself */
static int
lib_touch(lua_State *L)
{
	const char *path = bind_string(L, 1);
	time_t seconds = luaL_checkinteger(L, 2);
	struct err e;

	if (folder_touch(path, seconds, &e) < 0)
		return bind_fail(L, &e);
	lua_pushboolean(L, true);
	return 1;
}

static const luaL_Reg lib[] = {
	{ "look", lib_look },
	{ "touch", lib_touch },
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
