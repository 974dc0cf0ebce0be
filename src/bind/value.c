/* SPDX-License-Identifier: MIT */
/* From JSON to Lua; the other way is in valueput.c. */
#include <linkhash.h>
#include <string.h>

#include "value.h"

static int
gc_buf(lua_State *L)
{
	buf_done(luaL_checkudata(L, 1, BUF_T));
	return 0;
}

static const luaL_Reg nothing[] = { { NULL, NULL } };
static const luaL_Reg bufmeta[] = { { "__gc", gc_buf }, { NULL, NULL } };

void
value_types(lua_State *L)
{
	luaL_newmetatable(L, ARRAY_T);
	luaL_newmetatable(L, OBJECT_T);
	lua_pop(L, 2);
	bind_type(L, BUF_T, nothing, bufmeta);
}

struct buf *
value_buf(lua_State *L)
{
	struct buf *b = lua_newuserdatauv(L, sizeof *b, 0);

	memset(b, 0, sizeof *b);
	luaL_setmetatable(L, BUF_T);
	return b;
}

void
value_pushunsigned(lua_State *L, uint64_t u)
{
	uint64_t *box;

	if (u <= INT64_MAX) {
		lua_pushinteger(L, (lua_Integer)u);
		return;
	}
	box = lua_newuserdatauv(L, sizeof *box, 0);
	*box = u;
	luaL_setmetatable(L, UINT64_T);
}

static void push(lua_State *L, struct json_object *o, int types);

static void
pushinteger(lua_State *L, struct json_object *o)
{
	int64_t i = json_object_get_int64(o);

	/* saturated, perhaps */
	if (i == INT64_MAX)
		value_pushunsigned(L, json_object_get_uint64(o));
	else
		lua_pushinteger(L, i);
}

static void
pusharray(lua_State *L, struct json_object *o, int types)
{
	size_t i, n = json_object_array_length(o);

	lua_createtable(L, (int)n, 0);
	lua_pushvalue(L, types);
	lua_setmetatable(L, -2);
	for (i = 0; i < n; i++) {
		push(L, json_object_array_get_idx(o, i), types);
		lua_rawseti(L, -2, (lua_Integer)i + 1);
	}
}

static void
pushobject(lua_State *L, struct json_object *o, int types)
{
	struct lh_entry *member;

	lua_createtable(L, 0, json_object_object_length(o));
	lua_pushvalue(L, types + 1);
	lua_setmetatable(L, -2);
	lh_foreach(json_object_get_object(o), member) {
		lua_pushstring(L, lh_entry_k(member));
		push(L, lh_entry_v(member), types);
		lua_rawset(L, -3);
	}
}

/* `types` is the index of the metatables of arrays and, above it, of objects */
static void
push(lua_State *L, struct json_object *o, int types)
{
	luaL_checkstack(L, 4, "json");
	switch (json_object_get_type(o)) {
	case json_type_null:
		lua_pushlightuserdata(L, NULL);
		break;
	case json_type_boolean:
		lua_pushboolean(L, json_object_get_boolean(o));
		break;
	case json_type_double:
		lua_pushnumber(L, json_object_get_double(o));
		break;
	case json_type_int:
		pushinteger(L, o);
		break;
	case json_type_string:
		lua_pushlstring(L, json_object_get_string(o),
		                (size_t)json_object_get_string_len(o));
		break;
	case json_type_array:
		pusharray(L, o, types);
		break;
	case json_type_object:
		pushobject(L, o, types);
		break;
	}
}

void
value_push(lua_State *L, struct json_object *o)
{
	int types = lua_gettop(L) + 1;

	luaL_checkstack(L, 2, "json");
	luaL_getmetatable(L, ARRAY_T);
	luaL_getmetatable(L, OBJECT_T);
	push(L, o, types);
	lua_replace(L, types);
	lua_settop(L, types);
}
