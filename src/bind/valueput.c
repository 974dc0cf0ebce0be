/* SPDX-License-Identifier: MIT */
/* From Lua to JSON. */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../json.h"
#include "value.h"

struct put {
	lua_State *L;
	struct buf *b;
	int types;              /* index of the metatables, arrays' below objects' */
	unsigned nesting;       /* levels left */
	struct err *e;
	char where[160];        /* the part that failed, filled from its end */
	size_t at;
};

struct key {
	const char *s;
	size_t n;
};

static int put(struct put *p, int idx);

static int
fail(struct put *p, int code, const char *why)
{
	return err_set(p->e, code, "%s", why);
}

/* puts `step` in front of where the failure is; without room, the tail will do */
static int
within(struct put *p, const char *step)
{
	size_t n = strlen(step);

	if (n <= p->at) {
		p->at -= n;
		memcpy(p->where + p->at, step, n);
	}
	return -1;
}

static int
raw(struct put *p, const char *s)
{
	return buf_put(p->b, s, strlen(s), p->e);
}

static int
putarray(struct put *p, int idx, lua_Unsigned n)
{
	lua_State *L = p->L;
	char step[32];
	lua_Unsigned i;
	int r;

	if (raw(p, "[") < 0)
		return -1;
	for (i = 1; i <= n; i++) {
		if (i > 1 && raw(p, ",") < 0)
			return -1;
		if (lua_rawgeti(L, idx, (lua_Integer)i) == LUA_TNIL)
			return fail(p, EINVAL, "an array with holes");
		r = put(p, lua_gettop(L));
		lua_pop(L, 1);
		if (r < 0) {
			snprintf(step, sizeof step, "[%llu]", (unsigned long long)i);
			return within(p, step);
		}
	}
	return raw(p, "]");
}

static int
bybytes(const void *a, const void *b)
{
	const struct key *x = a, *y = b;
	int c = memcmp(x->s, y->s, x->n < y->n ? x->n : y->n);

	if (c)
		return c;
	return (x->n > y->n) - (x->n < y->n);
}

static int
putmember(struct put *p, int idx, const struct key *k)
{
	lua_State *L = p->L;
	char step[64];
	int r;

	if (memchr(k->s, 0, k->n))
		return fail(p, EINVAL, "a key with a NUL in it");
	if (json_put_string(p->b, k->s, k->n, p->e) < 0 || raw(p, ":") < 0)
		return -1;
	lua_pushlstring(L, k->s, k->n);
	lua_rawget(L, idx);
	r = put(p, lua_gettop(L));
	lua_pop(L, 1);
	if (r < 0) {
		snprintf(step, sizeof step, ".%s", k->s);
		return within(p, step);
	}
	return 0;
}

/* The keys, *n strings, sorted, in a userdata that it pushes above a list which keeps
 * them: the collector may take members of a weak table, or run what does, meanwhile. */
static struct key *
sortedkeys(lua_State *L, int idx, size_t *n)
{
	int list = lua_gettop(L) + 1;
	struct key *keys;
	size_t i = 0;

	lua_createtable(L, *n < INT_MAX ? (int)*n : INT_MAX, 0);
	keys = lua_newuserdatauv(L, (*n + 1) * sizeof *keys, 0);
	for (lua_pushnil(L); i < *n && lua_next(L, idx); i++) { /* …, key, value */
		lua_pop(L, 1);
		if (lua_type(L, -1) != LUA_TSTRING)
			break;
		keys[i].s = lua_tolstring(L, -1, &keys[i].n);
		lua_pushvalue(L, -1);
		lua_rawseti(L, list, (lua_Integer)i + 1);
	}
	lua_settop(L, list + 1);
	*n = i;
	qsort(keys, i, sizeof *keys, bybytes);
	return keys;
}

static int
putobject(struct put *p, int idx, size_t n)
{
	struct key *keys = sortedkeys(p->L, idx, &n);
	size_t i;

	if (raw(p, "{") < 0)
		return -1;
	for (i = 0; i < n; i++)
		if ((i && raw(p, ",") < 0) || putmember(p, idx, &keys[i]) < 0)
			return -1;
	lua_pop(p->L, 2);
	return raw(p, "}");
}

/* how many keys the table has, and how many of them are strings */
static size_t
count(lua_State *L, int idx, size_t *strings)
{
	size_t n = 0;

	*strings = 0;
	lua_pushnil(L);
	while (lua_next(L, idx)) {
		lua_pop(L, 1);
		*strings += lua_type(L, -1) == LUA_TSTRING;
		n++;
	}
	return n;
}

static bool
marked(struct put *p, int idx, int type)
{
	bool is;

	if (!lua_getmetatable(p->L, idx))
		return false;
	is = lua_rawequal(p->L, -1, type);
	lua_pop(p->L, 1);
	return is;
}

static int
puttable(struct put *p, int idx)
{
	lua_Unsigned length = lua_rawlen(p->L, idx);
	size_t strings, n = count(p->L, idx, &strings);
	bool array = marked(p, idx, p->types);
	int r;

	if (p->nesting == 0)
		return fail(p, EMSGSIZE, "nested too deep, or within itself");
	if (!array && !marked(p, idx, p->types + 1))
		array = length > 0;
	if (array && strings)
		return fail(p, EINVAL, "an array with keys that are names");
	if (array && length != n)
		return fail(p, EINVAL, "an array with holes");
	if (!array && strings != n)
		return fail(p, EINVAL, "an object with keys that are no names");
	p->nesting--;
	r = array ? putarray(p, idx, length) : putobject(p, idx, n);
	p->nesting++;
	return r;
}

static int
putnumber(struct put *p, int idx)
{
	char s[32];

	if (!lua_isinteger(p->L, idx))
		return json_put_double(p->b, lua_tonumber(p->L, idx), p->e);
	snprintf(s, sizeof s, "%lld", (long long)lua_tointeger(p->L, idx));
	return raw(p, s);
}

static int
putuserdata(struct put *p, int idx)
{
	const uint64_t *u = luaL_testudata(p->L, idx, UINT64_T);
	char s[32];

	if (lua_islightuserdata(p->L, idx) && !lua_touserdata(p->L, idx))
		return raw(p, "null");
	if (!u)
		return fail(p, EINVAL, "a userdata has no JSON");
	snprintf(s, sizeof s, "%llu", (unsigned long long)*u);
	return raw(p, s);
}

static int
put(struct put *p, int idx)
{
	const char *s;
	size_t n;

	luaL_checkstack(p->L, 8, "json");
	switch (lua_type(p->L, idx)) {
	case LUA_TBOOLEAN:
		return raw(p, lua_toboolean(p->L, idx) ? "true" : "false");
	case LUA_TNUMBER:
		return putnumber(p, idx);
	case LUA_TSTRING:
		s = lua_tolstring(p->L, idx, &n);
		return json_put_string(p->b, s, n, p->e);
	case LUA_TTABLE:
		return puttable(p, idx);
	case LUA_TUSERDATA: case LUA_TLIGHTUSERDATA:
		return putuserdata(p, idx);
	default:
		s = lua_typename(p->L, lua_type(p->L, idx));
		return err_set(p->e, EINVAL, "a %s has no JSON", s);
	}
}

int
value_put(lua_State *L, int idx, unsigned nesting, struct buf *b, struct err *e)
{
	struct put p = { .L = L, .b = b, .nesting = nesting, .e = e };
	int top = lua_gettop(L);
	struct err why;
	int r;

	idx = lua_absindex(L, idx);
	luaL_checkstack(L, 2, "json");
	luaL_getmetatable(L, ARRAY_T);
	luaL_getmetatable(L, OBJECT_T);
	p.types = top + 1;
	p.at = sizeof p.where - 1;
	r = put(&p, idx);
	lua_settop(L, top);
	if (r < 0) {
		why = *e;
		err_set(e, why.code, "json: %s%s%.300s", p.where + p.at,
		        p.where[p.at] ? ": " : "", why.text);
	}
	return r;
}
