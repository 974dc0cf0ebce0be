/* SPDX-License-Identifier: MIT */
/* Preloaded, or linked in, lets allocations fail: of those that are counted the ones from
 * `first` on, `most` of them. For Lua it is a function too:
 *     try(first, most, f) -> how many f asked for, what pcall(f) gives
 * A single failure proves nothing there: Lua collects, and asks again. */
#include <errno.h>
#include <lauxlib.h>
#include <stdbool.h>
#include <stdlib.h>

#include "nomem.h"

void *__libc_malloc(size_t n);
void *__libc_calloc(size_t n, size_t size);
void *__libc_realloc(void *p, size_t n);
void __libc_free(void *p);

static bool counting;
static long first, most, count, live;

void
nomem_begin(long from, long width)
{
	first = from;
	most = width;
	count = 0;
	counting = true;
}

long
nomem_end(void)
{
	counting = false;
	return count;
}

long
nomem_live(void)
{
	return live;
}

static bool
fails(void)
{
	if (!counting || ++count < first || count - first >= most)
		return false;
	errno = ENOMEM;
	return true;
}

static void *
made(void *p)
{
	live += p != NULL;
	return p;
}

void *
malloc(size_t n)
{
	return fails() ? NULL : made(__libc_malloc(n));
}

void *
calloc(size_t n, size_t size)
{
	return fails() ? NULL : made(__libc_calloc(n, size));
}

void *
realloc(void *p, size_t n)
{
	void *grown;

	if (p && n == 0) {
		free(p);
		return NULL;
	}
	if (fails())
		return NULL;
	grown = __libc_realloc(p, n);
	return p ? grown : made(grown);
}

void
free(void *p)
{
	live -= p != NULL;
	__libc_free(p);
}

int
nomem_try(lua_State *L)
{
	long from = (long)luaL_checkinteger(L, 1), width = (long)luaL_checkinteger(L, 2);
	int status;

	lua_settop(L, 3);
	nomem_begin(from, width);
	status = lua_pcall(L, 0, LUA_MULTRET, 0);
	lua_pushinteger(L, nomem_end());
	lua_replace(L, 1);
	lua_pushboolean(L, status == LUA_OK);
	lua_replace(L, 2);
	return lua_gettop(L);
}

int
nomem_blocks(lua_State *L)
{
	lua_pushinteger(L, live);
	return 1;
}
