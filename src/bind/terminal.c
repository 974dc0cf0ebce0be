/* SPDX-License-Identifier: MIT */
/* lunik.core.terminal: what a terminal says of itself. */
#include "../terminal.h"
#include "bind.h"

/* columns(fd): how many | nil where nobody knows */
static int
lib_columns(lua_State *L)
{
	int columns = terminal_columns((int)luaL_checkinteger(L, 1));

	if (columns > 0)
		lua_pushinteger(L, columns);
	else
		lua_pushnil(L);
	return 1;
}

static const luaL_Reg lib[] = {
	{ "columns", lib_columns },
	{ NULL, NULL },
};

int
bind_terminal(lua_State *L)
{
	luaL_newlib(L, lib);
	return 1;
}
