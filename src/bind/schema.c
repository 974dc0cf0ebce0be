/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "schema.h"

static lua_Integer
field(lua_State *L, const char *name)
{
	lua_Integer n;

	lua_getfield(L, -1, name);
	n = lua_isboolean(L, -1) ? lua_toboolean(L, -1) : lua_tointeger(L, -1);
	lua_pop(L, 1);
	return n;
}

/* an enumerator */
static unsigned
choice(lua_State *L, const char *name)
{
	return (unsigned)field(L, name);
}

/* a string that the table on top keeps */
static const char *
string(lua_State *L, const char *name, size_t *len)
{
	const char *s;

	lua_getfield(L, -1, name);
	s = lua_tolstring(L, -1, len);
	lua_pop(L, 1);
	return s;
}

static void
read_key(lua_State *L, struct key *k)
{
	k->name = string(L, "name", &k->len);
	k->kind = choice(L, "kind");
	k->least = field(L, "least");
	k->most = field(L, "most");
	k->words = (int)field(L, "words");
	k->rank = (int)field(L, "rank");
	k->space = (int)field(L, "space");
	k->repeats = field(L, "repeats");
	k->required = field(L, "required");
}

static void
read_row(lua_State *L, struct row *r)
{
	r->flag = string(L, "flag", NULL);
	r->form = string(L, "form", NULL);
	r->grammar = choice(L, "grammar");
	r->open = field(L, "open");
	r->repeats = field(L, "repeats");
	r->first = (int)field(L, "first");
	r->names = (int)field(L, "names");
	r->forms = (int)field(L, "forms");
	r->space = (int)field(L, "space");
	r->id = (int)field(L, "id");
}

int
schema_compile(lua_State *L)
{
	struct schema *s;
	size_t nrows, nkeys, i;

	luaL_checktype(L, 1, LUA_TTABLE);
	lua_settop(L, 1);
	lua_getfield(L, 1, "rows");
	lua_getfield(L, 1, "keys");             /* spec, rows, keys */
	nrows = lua_rawlen(L, 2);
	nkeys = lua_rawlen(L, 3);
	s = lua_newuserdatauv(L, sizeof *s + (nrows + 1) * sizeof *s->rows +
	                      (nkeys + 1) * sizeof *s->keys, 1);
	memset(s, 0, sizeof *s);
	luaL_setmetatable(L, SCHEMA_T);
	s->nrows = nrows;
	s->nkeys = nkeys;
	s->rows = (struct row *)(s + 1);
	s->keys = (struct key *)(s->rows + nrows + 1);
	memset(s->keys, 0, sizeof *s->keys);
	s->keys[0].kind = ANY;
	s->keys[0].rank = 1000;  /* among those without a rank */
	for (i = 1; i <= nkeys; i++) {
		lua_rawgeti(L, 3, (lua_Integer)i);
		read_key(L, &s->keys[i]);
		lua_pop(L, 1);
	}
	for (i = 1; i <= nrows; i++) {
		lua_rawgeti(L, 2, (lua_Integer)i);
		read_row(L, &s->rows[i]);
		lua_pop(L, 1);
	}
	lua_pushvalue(L, 1);                    /* …, schema, spec */
	lua_setiuservalue(L, -2, 1);
	return 1;
}
