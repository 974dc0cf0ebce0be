/* SPDX-License-Identifier: MIT */
/* lunik.core.options: whole command lines from a Lua table, checked and rendered in one
 * pass by a schema that Lua has compiled from its rows. What is not plainly right is left
 * to Lua, which has the words: build answers nil and the option's name. Kinds are
 * mechanism; every name in here is data. */
#include <limits.h>
#include <string.h>

#include "pair.h"

#define MOST 48                 /* options of one line */
#define MENTIONS 96             /* ids of one line */

/* build's stack */
enum { SCHEMA = 1, SPEC, TABLES, NAMES, TITLES, OUT, VALUE };

/* an id that is defined, or referred to */
struct mention {
	const char *id;
	size_t len;
	int space;
	bool defines;
};

struct line {
	lua_State *L;
	const struct schema *schema;
	lua_Integer count;
	struct mention mentions[MENTIONS];
	size_t nmentions;
};

/* Remembers the value of a pair that is an id. */
static bool
mention(struct line *line, const struct row *r, const struct pair *p)
{
	struct mention *m = &line->mentions[line->nmentions];
	bool defines = r->space && p->key - line->schema->keys == r->id;

	if (!defines && !p->key->space)
		return true;
	if (line->nmentions == MENTIONS || p->text.val == p->number)
		return false;
	m->id = p->text.val;
	m->len = p->text.vallen;
	m->space = defines ? r->space : p->key->space;
	m->defines = defines;
	line->nmentions++;
	return true;
}

/* The integer on top of the stack, 0 when it is not one from 1 to `most`. */
static int
upto(lua_State *L, lua_Integer most)
{
	lua_Integer n = lua_tointeger(L, -1);

	return n >= 1 && n <= most ? (int)n : 0;
}

/* Pushes the schema's table of that number, an empty one if there is none. */
static void
set(lua_State *L, int number)
{
	if (lua_rawgeti(L, TABLES, number) == LUA_TTABLE)
		return;
	lua_pop(L, 1);
	lua_newtable(L);
}

/* The number of a table: the names of a row's keys for the form that the arguments at
 * `args` are; 0: no such form. */
static int
names_of(const struct line *line, const struct row *r, int args)
{
	lua_State *L = line->L;
	int names = r->names;

	if (!r->forms)
		return names;
	set(L, r->forms);
	if (lua_type(L, args) != LUA_TTABLE) {
		lua_pushvalue(L, args);
	} else if (r->form) {
		lua_pushstring(L, r->form);
		lua_rawget(L, args);
	} else {
		lua_rawgeti(L, args, 1);
	}
	if (lua_isnil(L, -1))
		names = r->form ? names : 0;
	else
		names = lua_rawget(L, -2) == LUA_TNUMBER ? upto(L, INT_MAX) : 0;
	lua_pop(L, 2);
	return names;
}

/* How many of these names must be there. */
static int
required(lua_State *L, int names)
{
	int n;

	set(L, names);
	lua_rawgeti(L, -1, 0);
	n = upto(L, INT_MAX);
	lua_pop(L, 2);
	return n;
}

/* Takes the value on top of the stack, of the key below it. */
static bool
named(struct line *line, const struct row *r, const struct key *k, struct pair *p)
{
	p->key = k;
	p->text.key = k->name;
	p->text.keylen = k->len;
	if (!k->name) {
		p->text.key = lua_tolstring(line->L, -2, &p->text.keylen);
		if (!r->open || !pair_only(p->text.key, p->text.keylen, "-."))
			return false;
	}
	return pair_take(line->L, TABLES, p) && mention(line, r, p);
}

/* Takes the value on top of the stack, at the position below it. */
static bool
placed(struct line *line, const struct row *r, struct pair *p)
{
	lua_State *L = line->L;

	p->place = lua_tointeger(L, -2);
	p->text = (struct optpair){ 0 };
	p->key = &line->schema->keys[r->first];
	if (p->place == 1)
		return r->first && pair_take(L, TABLES, p) && mention(line, r, p);
	p->key = line->schema->keys;
	if (r->grammar != WORDED || lua_type(L, -1) != LUA_TSTRING)
		return false;
	p->text.key = lua_tolstring(L, -1, &p->text.keylen);
	return pair_only(p->text.key, p->text.keylen, "+-._");
}

/* Takes the value on top of the stack, of the key or at the position below it. */
static bool
member(struct line *line, const struct row *r, int names, struct pair *p)
{
	lua_State *L = line->L;
	const struct key *k;

	if (lua_isinteger(L, -2))
		return placed(line, r, p);
	if (lua_type(L, -2) != LUA_TSTRING)
		return false;
	lua_pushvalue(L, -2);
	lua_rawget(L, names);
	k = &line->schema->keys[upto(L, line->schema->nkeys)];
	lua_pop(L, 1);
	return named(line, r, k, p);
}

/* Collects the pairs of the table at `args`; their number, or -1. */
static int
collect(struct line *line, const struct row *r, int args, struct pair *pairs)
{
	lua_State *L = line->L;
	int names = names_of(line, r, args), n, lacks;

	if (names == 0)
		return -1;
	lacks = required(L, names);
	set(L, names);
	names = lua_gettop(L);
	lua_pushnil(L);
	for (n = 0; lua_next(L, args); n++) {   /* names, key, value */
		if (n == PAIR_MOST || !member(line, r, names, &pairs[n]))
			return -1;
		lacks -= pairs[n].key->required;
		lua_pop(L, 1);
	}
	lua_pop(L, 1);
	return lacks ? -1 : n;
}

static void
append(struct line *line)
{
	lua_rawseti(line->L, OUT, ++line->count);
}

/* The value at `args`, which is the option's first and only one. */
static bool
single(struct line *line, const struct row *r, int args, struct pair *p)
{
	lua_State *L = line->L;
	int names = names_of(line, r, args);
	bool taken;

	p->key = &line->schema->keys[r->first];
	if (!r->first || names == 0 || required(L, names) > p->key->required)
		return false;
	p->text.key = NULL;
	p->text.keylen = 0;
	lua_pushvalue(L, args);
	taken = pair_take(L, TABLES, p) && mention(line, r, p);
	lua_pop(L, 1);
	return taken;
}

/* One option with the arguments at `args`. */
static bool
option(struct line *line, const struct row *r, int args)
{
	struct pair pairs[PAIR_MOST];
	int n = 1;

	lua_pushstring(line->L, r->flag);
	append(line);
	if (r->grammar == FLAG)
		return lua_isboolean(line->L, args) && lua_toboolean(line->L, args);
	if (lua_type(line->L, args) != LUA_TTABLE) {
		if (!single(line, r, args, pairs))
			return false;
	} else if (r->grammar == VERBATIM || (n = collect(line, r, args, pairs)) < 1) {
		return false;
	}
	if (r->grammar == VERBATIM)
		lua_pushlstring(line->L, pairs[0].text.val, pairs[0].text.vallen);
	else if (!pair_join(line->L, pairs, (size_t)n))
		return false;
	append(line);
	return true;
}

/* The value of one name of the line: an option's arguments, or a list of such. */
static bool
options(struct line *line, const struct row *r, int value)
{
	lua_State *L = line->L;
	lua_Integer n = 0;
	bool list = lua_istable(L, value) && lua_rawgeti(L, value, 1) == LUA_TTABLE;

	lua_settop(L, value);
	if (!list)
		return option(line, r, value);
	if (!r->repeats)
		return false;
	lua_pushnil(L);
	while (lua_next(L, value)) {            /* in order, nothing beside it */
		if (!lua_isinteger(L, -2) || lua_tointeger(L, -2) != ++n ||
		    !lua_istable(L, -1) || !option(line, r, lua_gettop(L)))
			return false;
		lua_pop(L, 1);
	}
	return true;
}

/* Every id is defined once, every reference leads to one. */
static bool
consistent(const struct line *line)
{
	const struct mention *a, *b, *end = line->mentions + line->nmentions;

	for (a = line->mentions; a < end; a++) {
		bool found = false;

		for (b = line->mentions; b < end; b++)
			if (b != a && b->defines && b->space == a->space &&
			    b->len == a->len && memcmp(a->id, b->id, a->len) == 0)
				found = true;
		if (found == a->defines)
			return false;
	}
	return true;
}

/* Whether key and value on top of the stack are the line's first word. */
static bool
is_program(lua_State *L)
{
	return lua_isinteger(L, -2) && lua_tointeger(L, -2) == 1 &&
	    lua_type(L, -1) == LUA_TSTRING;
}

/* The rows of the line's names, in the schema's order; -1: Lua should look. */
static int
order(const struct line *line, int *rows)
{
	lua_State *L = line->L;
	int n = 0, i, row;
	bool program;

	lua_pushnil(L);
	while (lua_next(L, SPEC)) {             /* name, value */
		program = is_program(L);
		lua_pop(L, 1);
		if (program)
			continue;
		lua_pushvalue(L, -1);
		if (lua_rawget(L, NAMES) != LUA_TNUMBER || n == MOST)
			return -1;
		row = upto(L, line->schema->nrows);
		lua_pop(L, 1);
		if (row == 0)
			return -1;
		for (i = n++; i > 0 && rows[i - 1] > row; i--)
			rows[i] = rows[i - 1];
		rows[i] = row;
	}
	return n;
}

/* Writes the options of the rows; false: Lua should look at the one whose title is on
 * top of the stack. */
static bool
write_rows(struct line *line, const int *rows, int n)
{
	lua_State *L = line->L;
	int i;

	for (i = 0; i < n; i++) {
		lua_rawgeti(L, TITLES, rows[i]);
		lua_rawget(L, SPEC);
		if (!options(line, &line->schema->rows[rows[i]], VALUE)) {
			lua_rawgeti(L, TITLES, rows[i]);
			return false;
		}
		lua_settop(L, OUT);
	}
	return true;
}

/* build(schema, line) -> list of arguments | nil, what Lua should look at */
static int
lib_build(lua_State *L)
{
	struct line line = { .L = L, .schema = luaL_checkudata(L, SCHEMA, SCHEMA_T) };
	int rows[MOST], n;

	luaL_checktype(L, SPEC, LUA_TTABLE);
	lua_settop(L, SPEC);
	luaL_checkstack(L, 20, NULL);
	lua_getiuservalue(L, SCHEMA, SCHEMA_TABLES);
	lua_getiuservalue(L, SCHEMA, SCHEMA_NAMES);
	lua_getiuservalue(L, SCHEMA, SCHEMA_TITLES);
	n = order(&line, rows);
	lua_settop(L, TITLES);
	if (n < 0)
		return 0;
	lua_createtable(L, n * 3, 0);
	if (lua_rawgeti(L, SPEC, 1) == LUA_TSTRING)
		append(&line);
	lua_settop(L, OUT);
	if (!write_rows(&line, rows, n)) {
		lua_pushnil(L);
		lua_insert(L, -2);
		return 2;
	}
	return consistent(&line) ? 1 : 0;
}

static const luaL_Reg lib[] = {
	{ "compile", schema_compile },
	{ "build", lib_build },
	{ NULL, NULL },
};

int
bind_options(lua_State *L)
{
	luaL_newmetatable(L, SCHEMA_T);
	lua_pop(L, 1);
	luaL_newlib(L, lib);
	return 1;
}
