/* SPDX-License-Identifier: MIT */
/* The module lunik.core: one table of doors, composed from the list below. */
#include "bind.h"

static const luaL_Reg doors[] = {
	{ "argv", bind_argv },
	{ "base64", bind_base64 },
	{ "chan", bind_chan },
	{ "chunk", bind_chunk },
	{ "json", bind_json },
	{ "qmp", bind_qmp },
	{ "options", bind_options },
	{ "proc", bind_proc },
	{ "lock", bind_lock },
	{ "userns", bind_userns },
	{ "signals", bind_signals },
	{ "watch", bind_watch },
	{ "slice", bind_slice },
	{ "deadline", bind_deadline },
	{ "memory", bind_memory },
	{ "kvm", bind_kvm },
	{ "tap", bind_tap },
	{ "folder", bind_folder },
	{ "terminal", bind_terminal },
	{ "copy", bind_copy },
	{ "ram", bind_ram },
	{ "guest", bind_guest },
	{ NULL, NULL },
};

int
bind_fail(lua_State *L, const struct err *e)
{
	lua_pushnil(L);
	lua_pushstring(L, e->text);
	lua_pushinteger(L, e->code);
	return 3;
}

void
bind_type(lua_State *L, const char *name, const luaL_Reg *methods,
          const luaL_Reg *meta)
{
	luaL_newmetatable(L, name);
	luaL_setfuncs(L, meta, 0);
	lua_newtable(L);
	luaL_setfuncs(L, methods, 0);
	lua_setfield(L, -2, "__index");
	lua_pop(L, 1);
}

__attribute__((visibility("default"))) int luaopen_lunik_core(lua_State *L);

int
luaopen_lunik_core(lua_State *L)
{
	const luaL_Reg *door;

	luaL_checkversion(L);
	lua_newtable(L);
	for (door = doors; door->name; door++) {
		door->func(L);
		lua_setfield(L, -2, door->name);
	}
	return 1;
}
