/* SPDX-License-Identifier: MIT */
/* lunik.core.terminal: what a terminal says of itself. */
#include "../terminal.h"
#include "bind.h"

static void
pushknown(lua_State *L, int number)
{
	if (number > 0)
		lua_pushinteger(L, number);
	else
		lua_pushnil(L);
}

/* size(fd): columns, rows; nil where nobody knows */
static int
lib_size(lua_State *L)
{
	struct terminal_size size = { 0 };

	terminal_size((int)luaL_checkinteger(L, 1), &size);
	pushknown(L, size.columns);
	pushknown(L, size.rows);
	return 2;
}

static const luaL_Reg lib[] = {
	{ "size", lib_size },
	{ NULL, NULL },
};

int
bind_terminal(lua_State *L)
{
	luaL_newlib(L, lib);
	return 1;
}
