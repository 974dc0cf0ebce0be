/* SPDX-License-Identifier: MIT */
/* lunik.core.argv: argument vectors from lists of entries, and back. */
#include <errno.h>
#include <string.h>

#include "../optstr.h"
#include "../shell.h"
#include "bind.h"

/* A value on top of the stack as bytes. The converted copy stays on the stack,
 * which keeps it alive; booleans are QEMU's on and off. */
static const char *
tobytes(lua_State *L, size_t *len)
{
	if (lua_isboolean(L, -1)) {
		*len = lua_toboolean(L, -1) ? 2 : 3;
		return lua_toboolean(L, -1) ? "on" : "off";
	}
	if (lua_isinteger(L, -1) || lua_type(L, -1) == LUA_TSTRING)
		return lua_tolstring(L, -1, len);
	luaL_error(L, "option value: string, integer or boolean expected, got %s",
	           luaL_typename(L, -1));
	return NULL;
}

/* Reads entry {flag, first|false, k1, v1, …} at `idx` into `pairs`; every value
 * read is left on the stack. Returns how many pairs there are. */
static size_t
collect(lua_State *L, int idx, lua_Integer n, struct optpair *pairs)
{
	size_t used = 0;
	lua_Integer i;

	luaL_checkstack(L, (int)n + 4, "too many option keys");
	if (lua_rawgeti(L, idx, 2) != LUA_TBOOLEAN && !lua_isnil(L, -1)) {
		struct optpair *p = &pairs[used++];

		p->key = NULL;
		p->keylen = 0;
		p->val = tobytes(L, &p->vallen);
		lua_pushliteral(L, "implied");
		if (lua_rawget(L, idx) == LUA_TSTRING &&
		    (memchr(p->val, ',', p->vallen) || memchr(p->val, '=', p->vallen)))
			p->key = lua_tolstring(L, -1, &p->keylen);
	}
	for (i = 3; i + 1 <= n; i += 2) {
		struct optpair *p = &pairs[used++];

		if (lua_rawgeti(L, idx, i) != LUA_TSTRING)
			luaL_error(L, "option key: string expected, got %s",
			           luaL_typename(L, -1));
		p->key = lua_tolstring(L, -1, &p->keylen);
		lua_rawgeti(L, idx, i + 1);
		p->val = tobytes(L, &p->vallen);
	}
	return used;
}

/* Renders the entry at `idx`, appending flag and option string to the list at
 * `out`, whose length is *count. */
static int
render(lua_State *L, int idx, int out, lua_Integer *count, struct err *e)
{
	lua_Integer n = bind_length(L, idx);
	int top = lua_gettop(L);
	struct optpair *pairs;
	size_t used;
	luaL_Buffer b;
	long size;

	if (lua_rawgeti(L, idx, 1) != LUA_TSTRING)
		return luaL_error(L, "entry without a flag");
	lua_rawseti(L, out, ++*count);
	pairs = lua_newuserdatauv(L, (size_t)(n + 1) * sizeof *pairs, 0);
	used = collect(L, idx, n, pairs);
	if (used) {
		size = optstr_measure(pairs, used, e);
		if (size < 0)
			return -1;
		optstr_write(pairs, used, luaL_buffinitsize(L, &b, (size_t)size));
		luaL_pushresultsize(&b, (size_t)size);
		lua_rawseti(L, out, ++*count);
	}
	lua_settop(L, top);
	return 0;
}

static int
lib_render(lua_State *L)
{
	lua_Integer i, n, count = 0;
	struct err e;
	const char *s;
	size_t len;

	luaL_checktype(L, 1, LUA_TTABLE);
	lua_settop(L, 1);
	n = bind_length(L, 1);
	lua_createtable(L, (int)n * 2, 0);              /* list, out */
	for (i = 1; i <= n; i++) {
		if (lua_rawgeti(L, 1, i) == LUA_TTABLE) {
			if (render(L, 3, 2, &count, &e) < 0)
				return bind_fail(L, &e);
			lua_settop(L, 2);
			continue;
		}
		luaL_argcheck(L, lua_type(L, -1) == LUA_TSTRING, 1,
		              "strings and entries expected");
		s = lua_tolstring(L, -1, &len);
		if (strlen(s) != len) {
			err_set(&e, EINVAL, "'%s': a NUL byte", s);
			return bind_fail(L, &e);
		}
		lua_rawseti(L, 2, ++count);
	}
	return 1;
}

static void
pushvalue(lua_State *L, const struct optpair *p)
{
	luaL_Buffer b;
	char *out = luaL_buffinitsize(L, &b, p->vallen);

	luaL_pushresultsize(&b, optstr_unquote(p->val, p->vallen, out));
}

/* parse(text, implied?) -> { {key, value}, … }; a bare word has no value. */
static int
lib_parse(lua_State *L)
{
	size_t len;
	const char *text = luaL_checklstring(L, 1, &len);
	const char *implied = luaL_optstring(L, 2, NULL);
	lua_Integer count = 0;
	struct optpair p;

	luaL_argcheck(L, strlen(text) == len, 1, "NUL byte in an option string");
	lua_newtable(L);
	while (optstr_next(&text, implied && !count, &p)) {
		lua_createtable(L, 2, 0);
		if (p.key)
			lua_pushlstring(L, p.key, p.keylen);
		else
			lua_pushstring(L, implied);
		lua_rawseti(L, -2, 1);
		if (p.val) {
			pushvalue(L, &p);
			lua_rawseti(L, -2, 2);
		}
		lua_rawseti(L, -2, ++count);
	}
	return 1;
}

/* shell(list) -> one line for a POSIX shell */
static int
lib_shell(lua_State *L)
{
	lua_Integer i, n;
	luaL_Buffer b;
	const char *s;
	size_t len, size;

	luaL_checktype(L, 1, LUA_TTABLE);
	n = bind_length(L, 1);
	luaL_buffinit(L, &b);
	for (i = 1; i <= n; i++) {
		luaL_argcheck(L, lua_rawgeti(L, 1, i) == LUA_TSTRING, 1,
		              "list of strings expected");
		s = lua_tolstring(L, -1, &len);
		lua_pop(L, 1);  /* the list keeps the string */
		size = shell_measure(s, len);
		if (i > 1)
			luaL_addchar(&b, ' ');
		shell_write(s, len, luaL_prepbuffsize(&b, size));
		luaL_addsize(&b, size);
	}
	luaL_pushresult(&b);
	return 1;
}

static const luaL_Reg lib[] = {
	{ "render", lib_render },
	{ "parse", lib_parse },
	{ "shell", lib_shell },
	{ NULL, NULL },
};

int
bind_argv(lua_State *L)
{
	luaL_newlib(L, lib);
	return 1;
}
