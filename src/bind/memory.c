/* SPDX-License-Identifier: MIT */
/* lunik.core.memory: how much memory the whole Lua state may hold. What would
 * go beyond fails as "not enough memory", after a full collection. */
#include <stdint.h>
#ifdef __GLIBC__
#include <malloc.h>
#endif
#include <stdlib.h>

#include "bind.h"

struct memory {
	lua_Alloc alloc;        /* whose place we took */
	void *ud;
	size_t used, limit;
};

static const char state;        /* registry: a handle that gives it back */

static void *
limited(void *ud, void *ptr, size_t old, size_t new)
{
	struct memory *m = ud;
	size_t kind = old;      /* what a new object is, in place of its size */
	void *p;

	if (!ptr)
		old = 0;
	if (new > old && (m->used > m->limit || new - old > m->limit - m->used))
		return NULL;
	p = m->alloc(m->ud, ptr, kind, new);
	if (p || new == 0)
		m->used = m->used + new - old;
	return p;
}

/* The allocator back as it was. If somebody has wrapped ours meanwhile, it has
 * to stay below theirs for good, without a limit. */
static void
restore(lua_State *L, struct memory **handle)
{
	struct memory *m = *handle;
	void *ud;

	*handle = NULL;
	if (!m)
		return;
	if (lua_getallocf(L, &ud) == limited && ud == m) {
		lua_setallocf(L, m->alloc, m->ud);
		free(m);
	} else {
		m->limit = SIZE_MAX;
	}
}

static int
mt_gc(lua_State *L)
{
	restore(L, lua_touserdata(L, 1));
	return 0;
}

static struct memory **
handle(lua_State *L)
{
	struct memory **h;

	lua_rawgetp(L, LUA_REGISTRYINDEX, &state);
	h = lua_touserdata(L, -1);
	lua_pop(L, 1);
	return h;
}

static size_t
in_use(lua_State *L)
{
	return (size_t)lua_gc(L, LUA_GCCOUNT) * 1024 +
	       (size_t)lua_gc(L, LUA_GCCOUNTB);
}

/* limit(bytes|nil): the limit set or lifted; bytes count from zero, not from now */
static int
lib_limit(lua_State *L)
{
	lua_Integer limit = luaL_optinteger(L, 1, 0);
	struct memory **h = handle(L), *m = *h;

	luaL_argcheck(L, limit >= 0, 1, "negative");
	if (lua_isnoneornil(L, 1)) {
		restore(L, h);
		return 0;
	}
	if (!m) {
		m = malloc(sizeof *m);
		if (!m)
			return luaL_error(L, "not enough memory");
		m->alloc = lua_getallocf(L, &m->ud);
		m->used = in_use(L);
		*h = m;
		lua_setallocf(L, limited, m);
	}
	m->limit = (size_t)limit;
	return 0;
}

/* trim(): what was freed goes back to the system, where the allocator can do that */
static int
lib_trim(lua_State *L)
{
	(void)L;
#ifdef __GLIBC__
	malloc_trim(0);
#endif
	return 0;
}

static const luaL_Reg lib[] = {
	{ "limit", lib_limit },
	{ "trim", lib_trim },
	{ NULL, NULL },
};

int
bind_memory(lua_State *L)
{
	struct memory **h = lua_newuserdatauv(L, sizeof *h, 0);

	*h = NULL;
	lua_createtable(L, 0, 1);
	lua_pushcfunction(L, mt_gc);
	lua_setfield(L, -2, "__gc");
	lua_setmetatable(L, -2);
	lua_rawsetp(L, LUA_REGISTRYINDEX, &state);
	luaL_newlib(L, lib);
	return 1;
}
