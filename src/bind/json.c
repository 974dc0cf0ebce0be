/* SPDX-License-Identifier: MIT */
/* lunik.core.json: JSON that comes back as it was. */
#include <errno.h>

#include "../json.h"
#include "splitter.h"
#include "uint64.h"
#include "value.h"

#define TREE_T "lunik.tree"

static int
gc_tree(lua_State *L)
{
	struct json_object **o = luaL_checkudata(L, 1, TREE_T);

	json_object_put(*o);
	*o = NULL;
	return 0;
}

static int
lib_decode(lua_State *L)
{
	struct json_text t = { .repair = false };
	struct json_object **o;
	struct err e;
	size_t size;

	t.s = luaL_checklstring(L, 1, &t.n);
	t.nesting = (unsigned)bind_option(L, 2, "nesting", JSON_NESTING, JSON_DEEPEST);
	size = (size_t)bind_option(L, 2, "size", JSON_SIZE, JSON_LONGEST);
	t.values = (size_t)bind_option(L, 2, "values", 0, JSON_VALUES);
	t.quotes = bind_flag(L, 2, "quotes");
	if (t.n > size) {
		err_set(&e, EMSGSIZE, "json: over %zu bytes", size);
		return bind_fail(L, &e);
	}
	o = lua_newuserdatauv(L, sizeof(struct json_object *), 0);
	*o = NULL;
	luaL_setmetatable(L, TREE_T);
	if (json_parse(&t, o, NULL, &e) < 0)
		return bind_fail(L, &e);
	value_push(L, *o);
	json_object_put(*o);
	*o = NULL;
	return 1;
}

static int
lib_encode(lua_State *L)
{
	struct buf *b;
	struct err e;

	luaL_checkany(L, 1);
	b = value_buf(L);
	if (value_put(L, 1, JSON_NESTING, b, &e) < 0)
		return bind_fail(L, &e);
	lua_pushlstring(L, b->s, b->len);
	buf_done(b);
	return 1;
}

static int
mark(lua_State *L, const char *type)
{
	luaL_checktype(L, 1, LUA_TTABLE);
	lua_settop(L, 1);
	luaL_setmetatable(L, type);
	return 1;
}

static int
lib_array(lua_State *L)
{
	return mark(L, ARRAY_T);
}

static int
lib_object(lua_State *L)
{
	return mark(L, OBJECT_T);
}

static int
lib_isarray(lua_State *L)
{
	luaL_checkany(L, 1);
	lua_settop(L, 1);
	luaL_getmetatable(L, ARRAY_T);
	lua_pushboolean(L, lua_istable(L, 1) && lua_getmetatable(L, 1) &&
	                   lua_rawequal(L, -1, 2));
	return 1;
}

static const luaL_Reg lib[] = {
	{ "decode", lib_decode },
	{ "encode", lib_encode },
	{ "array", lib_array },
	{ "object", lib_object },
	{ "is_array", lib_isarray },
	{ "uint64", uint64_new },
	{ "splitter", splitter_new },
	{ NULL, NULL },
};

static const luaL_Reg nothing[] = { { NULL, NULL } };
static const luaL_Reg treemeta[] = { { "__gc", gc_tree }, { NULL, NULL } };

int
bind_json(lua_State *L)
{
	bind_type(L, TREE_T, nothing, treemeta);
	value_types(L);
	uint64_type(L);
	splitter_type(L);
	luaL_newlib(L, lib);
	lua_pushlightuserdata(L, NULL);
	lua_setfield(L, -2, "null");
	return 1;
}
