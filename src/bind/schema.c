/* SPDX-License-Identifier: MIT */
#include <limits.h>
#include <string.h>

#include "schema.h"

/* schema_compile's stack: its argument's lists, and the schema's strings */
enum { CONTENT = 1, ROWS, KEYS, TABLES, STRINGS, SELF, ENTRY };

/* Which entry is being read, at ENTRY, and how far its numbers may go. */
struct reader {
	lua_State *L;
	const char *list;
	lua_Integer i;
	lua_Integer nkeys, ntables, nstrings;
};

/* The field `name` of the entry, on top of the stack. */
static int
field(const struct reader *r, const char *name)
{
	lua_pushstring(r->L, name);
	return lua_rawget(r->L, ENTRY);
}

static void
wrong(const struct reader *r, const char *name, const char *expected)
{
	luaL_error(r->L, "schema: %s[%I].%s: %s expected, got %s", r->list,
	           (LUAI_UACINT)r->i, name, expected, luaL_typename(r->L, -1));
}

static lua_Integer
number(const struct reader *r, const char *name, lua_Integer least, lua_Integer most)
{
	lua_Integer n = 0;

	if (field(r, name) != LUA_TNUMBER || !lua_isinteger(r->L, -1))
		wrong(r, name, "integer");
	n = lua_tointeger(r->L, -1);
	if (n < least || n > most)
		luaL_error(r->L, "schema: %s[%I].%s: %I is out of range", r->list,
		           (LUAI_UACINT)r->i, name, (LUAI_UACINT)n);
	lua_pop(r->L, 1);
	return n;
}

/* false where it is absent */
static bool
flag(const struct reader *r, const char *name)
{
	int type = field(r, name);
	bool on = lua_toboolean(r->L, -1);

	if (type != LUA_TNIL && type != LUA_TBOOLEAN)
		wrong(r, name, "boolean");
	lua_pop(r->L, 1);
	return on;
}

/* A string without NUL, which the schema keeps; NULL where it is absent. */
static const char *
string(struct reader *r, const char *name, size_t *len)
{
	const char *s;

	if (field(r, name) == LUA_TNIL) {
		lua_pop(r->L, 1);
		return NULL;
	}
	if (lua_type(r->L, -1) != LUA_TSTRING)
		wrong(r, name, "string");
	s = lua_tolstring(r->L, -1, len);
	if (strlen(s) != *len)
		wrong(r, name, "string without NUL");
	lua_rawseti(r->L, STRINGS, ++r->nstrings);
	return s;
}

static const char *
needed(struct reader *r, const char *name, size_t *len)
{
	const char *s = string(r, name, len);

	if (!s)
		luaL_error(r->L, "schema: %s[%I].%s: missing", r->list,
		           (LUAI_UACINT)r->i, name);
	return s;
}

static void
read_key(struct reader *r, struct key *k)
{
	k->name = needed(r, "name", &k->len);
	k->kind = (unsigned)number(r, "kind", OTHER, MAC);
	k->least = number(r, "least", LUA_MININTEGER, LUA_MAXINTEGER);
	k->most = number(r, "most", LUA_MININTEGER, LUA_MAXINTEGER);
	k->words = (int)number(r, "words", 0, r->ntables);
	k->rank = (int)number(r, "rank", 0, INT_MAX);
	k->space = (int)number(r, "space", 0, INT_MAX);
	k->repeats = flag(r, "repeats");
	k->required = flag(r, "required");
}

static void
read_row(struct reader *r, struct row *row)
{
	size_t len;

	row->flag = needed(r, "flag", &len);
	row->form = string(r, "form", &len);
	row->grammar = (unsigned)number(r, "grammar", FLAG, WORDED);
	row->open = flag(r, "open");
	row->repeats = flag(r, "repeats");
	row->first = (int)number(r, "first", 0, r->nkeys);
	row->names = (int)number(r, "names", 0, r->ntables);
	row->forms = (int)number(r, "forms", 0, r->ntables);
	row->space = (int)number(r, "space", 0, INT_MAX);
	row->id = (int)number(r, "id", 0, r->nkeys);
}

/* Makes the entry of the list at `idx` the one that is read. */
static void
enter(struct reader *r, const char *list, int idx, lua_Integer i)
{
	r->list = list;
	r->i = i;
	lua_settop(r->L, SELF);
	if (lua_rawgeti(r->L, idx, i) != LUA_TTABLE)
		luaL_error(r->L, "schema: %s[%I]: table expected, got %s", list,
		           (LUAI_UACINT)i, luaL_typename(r->L, -1));
}

/* Pushes the argument's table `name`. */
static void
part(lua_State *L, const char *name)
{
	lua_pushstring(L, name);
	if (lua_rawget(L, CONTENT) != LUA_TTABLE)
		luaL_error(L, "schema: %s: table expected, got %s", name,
		           luaL_typename(L, -1));
}

/* Pushes the argument's list `name`; its length. */
static lua_Integer
list(lua_State *L, const char *name)
{
	part(L, name);
	return bind_length(L, -1);
}

/* Pushes a schema with room for that many, all zero, that keeps what it needs. */
static struct schema *
new_schema(lua_State *L, lua_Integer nrows, lua_Integer nkeys)
{
	size_t rows = (size_t)nrows + 1, keys = (size_t)nkeys + 1;
	size_t size = sizeof(struct schema) + rows * sizeof(struct row) +
	              keys * sizeof(struct key);
	struct schema *s = lua_newuserdatauv(L, size, SCHEMA_STRINGS);

	memset(s, 0, size);
	s->nrows = nrows;
	s->nkeys = nkeys;
	s->rows = (struct row *)(s + 1);
	s->keys = (struct key *)(s->rows + rows);
	s->keys[0].kind = ANY;
	s->keys[0].rank = 1000;  /* among those without a rank */
	lua_pushvalue(L, TABLES);
	lua_setiuservalue(L, SELF, SCHEMA_TABLES);
	part(L, "names");
	lua_setiuservalue(L, SELF, SCHEMA_NAMES);
	part(L, "titles");
	lua_setiuservalue(L, SELF, SCHEMA_TITLES);
	lua_pushvalue(L, STRINGS);
	lua_setiuservalue(L, SELF, SCHEMA_STRINGS);
	return s;
}

int
schema_compile(lua_State *L)
{
	struct reader r = { .L = L };
	struct schema *s;
	lua_Integer i, nrows;

	luaL_checktype(L, CONTENT, LUA_TTABLE);
	lua_settop(L, CONTENT);
	nrows = list(L, "rows");
	r.nkeys = list(L, "keys");
	r.ntables = list(L, "tables");
	lua_createtable(L, (int)(r.nkeys + nrows), 0);
	s = new_schema(L, nrows, r.nkeys);
	for (i = 1; i <= r.ntables; i++)
		enter(&r, "tables", TABLES, i);
	for (i = 1; i <= r.nkeys; i++) {
		enter(&r, "keys", KEYS, i);
		read_key(&r, &s->keys[i]);
	}
	for (i = 1; i <= nrows; i++) {
		enter(&r, "rows", ROWS, i);
		read_row(&r, &s->rows[i]);
	}
	lua_settop(L, SELF);
	luaL_setmetatable(L, SCHEMA_T);         /* only what is whole is a schema */
	return 1;
}
