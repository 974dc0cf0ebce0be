/* SPDX-License-Identifier: MIT */
/* Handles: userdata that hold a descriptor. A handle's struct begins with it, an int that is
 * -1 in a closed one. Its methods fd() and close() are written once, here. */
#ifndef LUNIK_HANDLE_H
#define LUNIK_HANDLE_H

#include <stddef.h>

#include "bind.h"

struct handle {
	const char *type;       /* its name in the registry */
	const char *closed;     /* what raises when a closed one is used */
	size_t size;            /* of the struct */
	void (*close)(void *);  /* of a closed one it does nothing; it raises nothing */
};

/* Registers the type, with the methods and these: fd(), close() -> true, which is __gc and
 * __close too. */
void handle_type(lua_State *L, const struct handle *h, const luaL_Reg *methods);

/* Pushes a closed one: zeroes, but for the descriptor. What it then holds, __gc frees. */
void *handle_new(lua_State *L, const struct handle *h);

/* The argument 1, which is such a handle and open; else raises. */
void *handle_open(lua_State *L, const struct handle *h);

/* For structs that are no more than their descriptor: closes it. */
void handle_close(void *fd);

#endif
