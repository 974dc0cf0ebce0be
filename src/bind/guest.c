/* SPDX-License-Identifier: MIT */
/* lunik.core.guest: programs that guests run, each of their architectures' own
 * (src/guest/), as bytes. scripts/reseed makes them C. */
#include <stddef.h>
#include <string.h>

#include "bind.h"
#include "reseed.h"

/* reseed(architecture): the program | nil where none was built */
static int
lib_reseed(lua_State *L)
{
	const char *architecture = bind_string(L, 1);
	const struct program *p;

	for (p = reseed; p->architecture; p++)
		if (strcmp(p->architecture, architecture) == 0) {
			lua_pushlstring(L, (const char *)p->bytes, p->size);
			return 1;
		}
	lua_pushnil(L);
	return 1;
}

static const luaL_Reg lib[] = {
	{ "reseed", lib_reseed },
	{ NULL, NULL },
};

int
bind_guest(lua_State *L)
{
	luaL_newlib(L, lib);
	return 1;
}
